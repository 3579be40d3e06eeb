import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, durationMs, flag, formatDuration, formatSize, size, sizeBytes, wholeNumber } from './units.ts';

function problem(result: { error?: { issues: readonly { message: string }[] } | undefined }): string | undefined {
  return result.error?.issues[0]?.message;
}

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['2s', 2000],
    ['1.5 m', 90_000],
    ['1h', 3_600_000],
    [' 30d ', 2_592_000_000],
    ['0s', 0],
  ])('is read: %j is %d ms', (text, ms) => {
    expect(durationMs.parse(text)).toBe(ms);
  });

  it.each(['', '10', 's', '-1s', '1e3s', '10 S', '10 weeks', '1,5s', 10, null, '1toString', '9'.repeat(400) + 's'])(
    'is refused: %j',
    (value) => {
      expect(problem(durationMs.safeParse(value))).toBe('expected a number with a unit, such as 500ms, 2s, 10m or 7d');
    },
  );

  it('is held within its bounds, which are named', () => {
    const bounded = duration({ min: '1s', max: '24d' });
    expect([bounded.parse('1s'), bounded.parse('24d')]).toEqual([1000, 2_073_600_000]);
    expect(problem(bounded.safeParse('999ms'))).toBe('at least 1s');
    expect(problem(bounded.safeParse('25d'))).toBe('at most 24d');
  });

  it('is written so that it reads back the same', () => {
    expect([0, 1500, 120_000, 2_592_000_000].map(formatDuration)).toEqual(['0ms', '1500ms', '2m', '30d']);
    fc.assert(fc.property(fc.nat(), (ms) => durationMs.parse(formatDuration(ms)) === ms));
  });
});

describe('a size', () => {
  it('counts in binary multiples', () => {
    expect(['512B', '1KB', '200MB', '1.5GB', '2TB'].map((text) => sizeBytes.parse(text))).toEqual([
      512,
      1024,
      200 * 1024 ** 2,
      1.5 * 1024 ** 3,
      2 * 1024 ** 4,
    ]);
  });

  it('is refused below its bound and above what a number can hold', () => {
    expect(problem(size({ min: '1B' }).safeParse('0MB'))).toBe('at least 1B');
    expect(problem(sizeBytes.safeParse('999999999999TB'))).toBe('at most what a number can hold');
    expect(problem(sizeBytes.safeParse('2gb'))).toContain('such as 512KB');
  });

  it('is written so that it reads back the same', () => {
    expect([1000, 1536, 200 * 1024 ** 2].map(formatSize)).toEqual(['1000B', '1536B', '200MB']);
    fc.assert(fc.property(fc.nat(), (bytes) => sizeBytes.parse(formatSize(bytes)) === bytes));
  });
});

it('a whole number is taken as a number or as text, within its bounds', () => {
  const number = wholeNumber(1, 1000);
  expect([number.parse(64), number.parse('64')]).toEqual([64, 64]);
  for (const value of [0, 1001, 1.5, '0', '1.5', '', 'many', true, null, []]) {
    expect(problem(number.safeParse(value))).toBe('expected a whole number from 1 to 1000');
  }
});

it('a flag is taken as a boolean or as text', () => {
  expect([flag.parse(true), flag.parse('true'), flag.parse('off')]).toEqual([true, true, false]);
  for (const value of ['maybe', 1, null]) expect(problem(flag.safeParse(value))).toBe('expected true or false');
});
