import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FleetError } from '../errors/fleet-error.ts';
import {
  foldPath,
  idOfPath,
  linkOf,
  newImageId,
  parseImageId,
  parseImagePath,
  parseUrlPath,
  type ImagePath,
} from './image-path.ts';

const UUID = '5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1';

function refusal(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof FleetError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'none', message: '' };
}

describe('a path', () => {
  it('is refused with PATH_INVALID and the rule it breaks', () => {
    const { code, message } = refusal(() => parseImagePath('a/CON.png'));
    expect(code).toBe('PATH_INVALID');
    expect(message).toBe('Not a path for an image: the segment "CON.png" is the name of a device on Windows.');
  });

  it('never lets through what Node or a browser would resolve to another place', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E',
      '%25',
      '2e',
      '/',
      '\\',
      '%2f',
      '%5c',
      '%c0%af',
      '\u0000',
      'a',
      '.png',
      ' ',
      ':',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const url = `/${parts.join('')}.png`;
        if (refusal(() => parseUrlPath(url)).code === 'PATH_INVALID') return;
        const path = parseUrlPath(url);
        const seen = new URL(`http://h/root/${path}`).pathname.split('/');
        expect(seen.slice(0, 2)).toEqual(['', 'root']);
        expect(seen.length - 2).toBe(path.split('/').length);
        expect(path).not.toMatch(/(^|\/)\.\.?(\/|$)|[\\:]/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a path in a URL', () => {
  it('is decoded once', () => {
    expect(parseUrlPath('/%E5%9B%BE/a%20b.png')).toBe('图/a b.png');
    expect(parseUrlPath('/100%25.png')).toBe('100%.png');
    expect(parseUrlPath('/a%2520b.png')).toBe('a%20b.png');
    expect(parseUrlPath(`/2014/4/15/${UUID}.jpg`)).toBe(`2014/4/15/${UUID}.jpg`);
  });

  it.each([
    '/../a.png',
    '/%2e%2e/a.png',
    '/%2E./a.png',
    '/%252e%252e/a.png',
    '/%25252e%25252e/a.png',
    '/a%2f..%2fb.png',
    '/a%2Fb.png',
    '/a%252fb.png',
    '/a%5cb.png',
    '/a\\b.png',
    '/a%00.png',
    '/%c0%ae%c0%ae/b.png',
    '/%e0%80%ae/b.png',
    '/%ff.png',
    '/%E5%9B.png',
    '/a%.png',
    '/a%zz.png',
    '/a b.png',
    '/图.png',
    '//a.png',
    '/a.png?x=1.png',
    '/a%E2%80%AEgnp.png',
    '/%ed%a0%80.png',
    '',
    '/',
  ])('is refused: %s', (url) => {
    expect(refusal(() => parseUrlPath(url)).code).toBe('PATH_INVALID');
  });

  it('is what its link says, whatever the path', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        (parts) => {
          const raw = `x${parts.join('/')}.png`;
          if (refusal(() => parseImagePath(raw)).code !== 'none') return;
          const path = parseImagePath(raw);
          expect(parseUrlPath(new URL(linkOf('http://i.example.com/', path)).pathname)).toBe(path);
        },
      ),
      { numRuns: 2000 },
    );
    expect(linkOf('http://i-1.xx.com/', '图/a b#1.png')).toBe('http://i-1.xx.com/%E5%9B%BE/a%20b%231.png');
  });
});

describe('folding', () => {
  const fold = (path: string) => foldPath(path as ImagePath);

  it.each([
    ['A.PNG', 'a.png'],
    ['Ärger.png', 'äRGER.png'],
    ['straße.png', 'STRASSE.png'],
    ['ẞ.png', 'ß.png'],
    ['ſ.png', 'S.png'],
    ['ΟΔΟΣ.png', 'οδος.png'],
    ['İ.png', 'i\u0307.png'],
  ])('equates %s and %s', (one, other) => {
    expect(fold(one)).toBe(fold(other));
  });

  it('keeps different names apart', () => {
    expect(fold('a.png')).not.toBe(fold('ä.png'));
    expect(fold('图一.png')).not.toBe(fold('图二.png'));
  });

  it('is stable, and blind to upper and lower case, for every character', () => {
    const unstable: string[] = [];
    for (let code = 0; code <= 0x1ffff; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const path = `x${String.fromCodePoint(code)}y`.normalize('NFC');
      const folded = fold(path);
      const isBlind = fold(path.toUpperCase()) === folded && fold(path.toLowerCase()) === folded;
      if (fold(folded) !== folded || !isBlind) unstable.push(code.toString(16));
    }
    expect(unstable).toEqual([]);
  });
});

describe('an id', () => {
  it.each([`2014/4/15/${UUID}`, `2024/2/29/${UUID}`, `2026/12/31/${UUID}`])('is taken: %s', (id) => {
    expect(parseImageId(id)).toBe(id);
    expect(idOfPath(`${id}.jpg`)).toBe(id);
  });

  it.each([
    `2014/04/15/${UUID}`,
    `2014/4/05/${UUID}`,
    `2023/2/29/${UUID}`,
    `2024/4/31/${UUID}`,
    `2024/13/1/${UUID}`,
    `2024/0/1/${UUID}`,
    `0024/1/1/${UUID}`,
    `2014/4/15/${UUID.toUpperCase()}`,
    `2014/4/15/5310bcaf-0f8a-95c5-9a61-9bf45b5e09c1`,
    `2014/4/15/5310bcaf-0f8a-45c5-ca61-9bf45b5e09c1`,
    `2014/4/15/${UUID}.jpg`,
    `2014/4/15/${UUID}\n`,
    `/2014/4/15/${UUID}`,
    '2014/4/15/../../../etc',
    '',
  ])('is refused: %j', (id) => {
    expect(refusal(() => parseImageId(id)).code).toBe('ID_INVALID');
    expect(idOfPath(`${id}.jpg`)).toBeUndefined();
  });

  it('is none for a named image', () => {
    expect(idOfPath('logo.png')).toBeUndefined();
    expect(idOfPath(`x/2014/4/15/${UUID}.jpg`)).toBeUndefined();
    expect(idOfPath(`2014/4/15/${UUID}.exe`)).toBeUndefined();
    expect(idOfPath(`2014/4/15/${UUID}`)).toBeUndefined();
  });

  it('begins with the day in the time zone it is asked for', () => {
    const nowMs = Date.UTC(2014, 3, 14, 23, 30);
    expect(newImageId({ nowMs, timeZone: 'Asia/Shanghai', uuid: UUID })).toBe(`2014/4/15/${UUID}`);
    expect(newImageId({ nowMs, timeZone: 'America/New_York', uuid: UUID })).toBe(`2014/4/14/${UUID}`);
    const local = new Date(nowMs);
    const day = [local.getFullYear(), local.getMonth() + 1, local.getDate()].join('/');
    expect(newImageId({ nowMs, uuid: UUID })).toBe(`${day}/${UUID}`);
  });

  it('is made in a form that is taken, in every time zone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000_000 }),
        fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
        fc.uuid({ version: [1, 4, 7] }),
        (nowMs, timeZone, uuid) => {
          const id = newImageId({ nowMs, timeZone, uuid });
          expect(parseImageId(id)).toBe(id);
          expect(idOfPath(parseImagePath(`${id}.webp`))).toBe(id);
        },
      ),
    );
  });
});
