import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REMOVED, Scrubber } from './scrubber.ts';

const scrubber = new Scrubber({ secrets: [], home: '/home/ann' });

describe('a text', () => {
  it.each([
    ['a bearer key', 'refused Bearer abc.def-123, again', `refused Bearer ${REMOVED}, again`],
    ['a header', 'Authorization: Basic dXNlcjpwdw==\nnext', `Authorization: ${REMOVED}\nnext`],
    ['all cookies of a line', 'cookie: a=1; b=2\r\nnext', `cookie: ${REMOVED}\r\nnext`],
    ['the key of the legacy call', 'do.ashx?action=upload&SecurityKey=abc&x=1', `SecurityKey=${REMOVED}&x=1`],
    ['a key in JSON', 'sent {"securityKey":"a \\"b c","n":1}', `"securityKey":${REMOVED},"n":1}`],
    ['a key in JSON that was cut', 'sent {"token": "abc d', `"token": ${REMOVED}`],
    ['user and password of an address', 'at https://ann:pw@i-1.example.com/x', 'at https://i-1.example.com/x'],
    ['query and fragment of an address', 'see http://s1/console#token=abc', 'see http://s1/console'],
  ])('loses %s', (_what, text, rest) => {
    expect(scrubber.text(text).endsWith(rest)).toBe(true);
  });

  it('keeps what is no secret', () => {
    const text = 'http://i-1:7401/images said KEY_WRONG: compare the keys; 3 of 5 files, cause none';
    expect(scrubber.text(text)).toBe(text);
  });

  it('has the home folder as a tilde, and no other folder that begins like it', () => {
    expect(scrubber.text('/home/ann/a.png, /home/anna/b.png and /home/ann')).toBe('~/a.png, /home/anna/b.png and ~');
  });

  it.each([
    ['is the end of another path', '/me', '/srv/me/x, /srv/my-/me and a./me/x', '/srv/me/x, /srv/my-/me and a./me/x'],
    [
      'stands behind a sign or another script',
      '/me',
      '"/me/a" at=/me/b 打开/me/c file:///me',
      '"~/a" at=~/b 打开~/c file://~',
    ],
    ['was given with its last separator', '/home/ann/', '/home/ann/a', '~/a'],
    ['is a whole disk', '/', '/a /', '/a /'],
    ['is a whole disk of Windows', 'C:\\', String.raw`C:\a`, String.raw`C:\a`],
    ['has other letters than its system cares for', '/home/ann', '/home/Ann/a', '/home/Ann/a'],
  ])('finds the home folder only where it is one: when it %s', (_what, home, text, rest) => {
    expect(new Scrubber({ secrets: [], home }).text(text)).toBe(rest);
  });

  it('finds the home folder of Windows in any case, with any separator, and as JSON has it', () => {
    const windows = new Scrubber({ secrets: [], home: String.raw`C:\Users\Ann` });
    const text = String.raw`C:\Users\Ann\a c:\users\ann\b C:/Users/ann/c "C:\\Users\\Ann\\d" \\?\C:\Users\Ann D:\Users\Ann xC:\Users\Ann`;
    const rest = String.raw`~\a ~\b ~/c "~\\d" \\?\~ D:\Users\Ann xC:\Users\Ann`;
    expect(windows.text(text)).toBe(rest);
    const shared = new Scrubber({ secrets: [], home: String.raw`\\files\homes\ann` });
    expect(shared.text(String.raw`open \\FILES\homes\ann\a`)).toBe(String.raw`open ~\a`);
  });

  it('loses a known secret in every form in which it travels', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: 'grapheme' }), fc.string(), (random, around) => {
        const secret = `§${random}`;
        const forms = [
          secret,
          encodeURIComponent(secret.toWellFormed()),
          JSON.stringify(secret).slice(1, -1),
          Buffer.from(secret).toString('base64'),
        ];
        const scrub = new Scrubber({ secrets: [secret], home: '' });
        for (const form of forms) {
          const told = scrub.text(`${around}|${form}|${around}`);
          for (const one of forms) expect(told).not.toContain(one);
        }
      }),
    );
  });
});

describe('a value', () => {
  it('keeps its shape and loses what fields with the names of secrets hold', () => {
    const value = {
      ...{ server: 'http://u:p@s1/', securityKey: 'abc', keys: ['a', 'b'], sessionToken: { deep: 1 }, hasKey: true },
      ...{ peerKey: null, list: [1, 'Bearer x', null], skipped: undefined, odd: Number.NaN },
    };
    expect(scrubber.value(value)).toEqual({
      ...{ server: 'http://s1/', securityKey: REMOVED, keys: REMOVED, sessionToken: REMOVED, hasKey: true },
      ...{ peerKey: null, list: [1, `Bearer ${REMOVED}`, null], odd: null },
    });
  });

  it('ends where it has no end', () => {
    const endless: Record<string, unknown> = { name: 'a' };
    endless['self'] = endless;
    expect(JSON.stringify(scrubber.value(endless)).length).toBeLessThan(1000);
    expect(scrubber.value(Array.from({ length: 5000 }, () => 1))).toHaveLength(2000);
    expect(scrubber.text('a'.repeat(50_000))).toHaveLength(10_000);
  });
});
