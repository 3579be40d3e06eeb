import { describe, expect, it } from 'vitest';
import { judgeKeys, weaknessOf } from './key-policy.ts';

const GOOD = 'vT3xW9-qLm2_Zk7pR4sN';

describe('a key', () => {
  it.each([
    'asdfdsfsdf',
    'ASDFDSFSDF',
    'changeme',
    'change-me-change-me-123',
    'test',
    'secret',
    'test-test-test-test',
    'your-security-key',
    'password12345678',
  ])('that everybody knows is named as such: %s', (key) => {
    expect(weaknessOf(key)).toBe('is a sample key that everybody knows');
  });

  it.each([
    ['123456', 'row of digits'],
    ['1234567890123456', 'row of digits'],
    ['0123456789abcdef', 'row of digits'],
    ['k7Qx2', 'shorter than 16'],
    ['k7Qx2Lp9vT3xW9q', 'shorter than 16'],
    ['aaaaaaaaaaaaaaaaaaaa', 'too few different'],
    ['…', 'shorter than 16'],
  ])('is weak: %s', (key, weakness) => {
    expect(weaknessOf(key)).toContain(weakness);
  });

  it.each([
    GOOD,
    'k7Qx2Lp9vT3xW9qz',
    'scenario-key-0123456789abcdef',
    '一把足够长的密钥一二三四五六七八九十',
    'correct horse battery staple',
  ])('is good: %s', (key) => {
    expect(weaknessOf(key)).toBeUndefined();
  });
});

describe('the policy', () => {
  const operator = { name: 'ops', key: 'test', roles: ['operator' as const] };

  it('has nothing to say about good keys, wherever the server listens', () => {
    for (const listen of ['127.0.0.1:7401', '0.0.0.0:7401']) {
      expect(judgeKeys({ listen, securityKey: GOOD, keys: [] })).toEqual({ refusals: [], warnings: [] });
    }
  });

  it('refuses every weak key on an address that others can reach, with its place', () => {
    const { refusals, warnings } = judgeKeys({ listen: '0.0.0.0:80', securityKey: 'asdfdsfsdf', keys: [operator] });
    expect(refusals.map(({ path }) => path)).toEqual([['securityKey'], ['keys', 0, 'key']]);
    expect(refusals[0]?.message).toMatch(/^is a sample key .* 0\.0\.0\.0:80 can be reached by others/);
    expect(warnings).toEqual([]);
  });

  it('warns of them on loopback', () => {
    const { refusals, warnings } = judgeKeys({ listen: '[::1]:80', securityKey: 'short', keys: [operator] });
    expect(refusals).toEqual([]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^securityKey is shorter than 16 characters\. /);
    expect(warnings[1]).toMatch(/^keys\[0\]\.key is a sample key/);
  });

  it('judges the key for peers like every other', () => {
    const keys = { securityKey: GOOD, peerKey: 'short', keys: [] };
    const { refusals } = judgeKeys({ listen: '0.0.0.0:80', ...keys });
    expect(refusals).toMatchObject([
      { path: ['peerKey'], message: expect.stringContaining('shorter than 16') as string },
    ]);
    expect(judgeKeys({ listen: '127.0.0.1:80', ...keys }).warnings).toEqual([
      expect.stringMatching(/^peerKey is shorter than 16 characters\. /),
    ]);
    expect(judgeKeys({ listen: '0.0.0.0:80', ...keys, peerKey: GOOD }).refusals).toEqual([]);
  });

  it('takes no key at all for the weakest', () => {
    expect(judgeKeys({ listen: '10.0.0.1:80', securityKey: undefined, keys: [] }).refusals).toHaveLength(1);
    expect(judgeKeys({ listen: 'localhost:80', securityKey: undefined, keys: [] }).warnings).toHaveLength(1);
    const named = { ...operator, key: GOOD };
    expect(judgeKeys({ listen: '10.0.0.1:80', securityKey: undefined, keys: [named] }).refusals).toEqual([]);
  });

  it('never repeats a key', () => {
    const verdicts = ['0.0.0.0:80', '127.0.0.1:80'].map((listen) =>
      JSON.stringify(judgeKeys({ listen, securityKey: 'hunter2', keys: [operator] })),
    );
    for (const text of verdicts) expect(text).not.toContain('hunter2');
  });
});
