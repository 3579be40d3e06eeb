import { describe, expect, it } from 'vitest';
import { brokenPathRule, quoted } from './path-rules.ts';

const UUID = '5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1';

describe('a path', () => {
  it.each([
    `2014/4/15/${UUID}.jpg`,
    'logo.png',
    'products/2024/Ärger & Söhne (1).JPEG',
    '商品/图片 一.webp',
    "a#b;c=d,e'f+g@h!i$j.gif",
    '100%.png',
    'a%20b.png',
    'a.b.c.tiff',
    'x/.hidden/a.ico',
    'console2/a.png',
    'x/api/a.png',
    'common/contact.png',
    'com10.png',
    'summer~2024 holiday.png',
    `${'a'.repeat(196)}.png`,
    `${'é'.repeat(98)}.png`,
    '𠮷野家.png',
  ])('is taken: %s', (path) => {
    expect(brokenPathRule(path)).toBeUndefined();
  });

  it.each([
    ['', 'is empty'],
    ['/a.png', '"" is empty'],
    ['a//b.png', '"" is empty'],
    ['a/b.png/', '"" is empty'],
    ['./a.png', '"." is a dot segment'],
    ['a/../b.png', '".." is a dot segment'],
    ['e\u0301.png', 'NFC'],
    ['a\u0000.png', '"a\\u{0}.png" has a control or invisible character'],
    ['a\n.png', 'control or invisible'],
    ['a\u007f.png', 'control or invisible'],
    ['a\u0085.png', 'control or invisible'],
    ['a\u2028.png', 'control or invisible'],
    ['gnp\u202egpj.png', '"gnp\\u{202e}gpj.png"'],
    ['a\u200bb.png', 'control or invisible'],
    ['a\ufeff.png', 'control or invisible'],
    ['a\ufe0f.png', 'control or invisible'],
    ['a\uffff.png', 'control or invisible'],
    ['a\ud800.png', 'not valid Unicode'],
    ['a:b.png', 'forbidden character :'],
    ['a\\b.png', 'forbidden character \\'],
    ['a*.png', 'forbidden character *'],
    ['a?.png', 'forbidden character ?'],
    ['a".png', 'forbidden character "'],
    ['a<b.png', 'forbidden character <'],
    ['a>b.png', 'forbidden character >'],
    ['a|b.png', 'forbidden character |'],
    ['CON.png', '"CON.png" is the name of a device'],
    ['x/aux.tar.jpg', 'device'],
    ['nul/a.png', '"nul" is the name of a device'],
    ['nul .png', 'device'],
    ['COM1.png', 'device'],
    ['com¹.png', 'device'],
    ['LPT³/a.png', 'device'],
    ['CONOUT$.png', 'device'],
    ['IMAGEF~1/a.png', 'short name'],
    ['x/LONGNA~1.JPG', 'short name'],
    ['a.png.', 'ends with a dot'],
    ['a./b.png', '"a." ends with a dot'],
    ['a.png ', 'begins or ends with a space'],
    ['a /b.png', '"a " begins or ends with a space'],
    [' a.png', 'begins or ends with a space'],
    ['a\u3000/b.png', 'begins or ends with a space'],
    [`${'a'.repeat(197)}.png`, 'longer than 200 bytes'],
    [`${'é'.repeat(99)}.png`, 'longer than 200 bytes'],
    [`${'abcdefghi/'.repeat(100)}a.png`, 'the path is longer than 1000 bytes'],
    ['a.exe', 'no image extension'],
    ['a', 'no image extension'],
    ['png', 'no image extension'],
    ['x/.png', 'no image extension'],
    ['a.png/b', '"b" has no image extension'],
    ['api/a.png', '"api" is reserved'],
    ['API/a.png', '"API" is reserved'],
    ['peer/v1/a.png', 'reserved'],
    ['.m/a.png', 'reserved'],
    ['Console/a.png', 'reserved'],
    ['health/a.png', 'reserved'],
    ['metrics/a.png', 'reserved'],
    ['do.ashx/a.png', 'reserved'],
    ['.imagefleet-id/a.png', '".imagefleet-id" begins with a dot'],
    ['.imagefleet/tmp/a.png', 'begins with a dot'],
    ['%2e%2e/a.png', 'dot segment, hidden'],
    ['%252E%252e/a.png', 'dot segment, hidden'],
    ['%25252e%25252e/a.png', 'dot segment, hidden'],
    ['a%2fb.png', 'hides a slash'],
    ['a%5Cb.png', 'forbidden character \\, hidden'],
    ['a%00.png', 'control or invisible character, hidden'],
    ['%c0%ae%c0%ae/a.png', 'not valid UTF-8'],
    [`a%${'25'.repeat(8)}41.png`, 'too many times'],
  ])('is refused: %j, because it %s', (path, rule) => {
    expect(brokenPathRule(path)).toContain(rule);
  });

  it('is named in the sentence with its unseen characters spelled out and its length cut', () => {
    expect(quoted('gnp\u202egpj')).toBe('"gnp\\u{202e}gpj"');
    expect(quoted('a\ud800')).toBe('"a\\u{d800}"');
    expect(quoted('x'.repeat(500))).toHaveLength(83);
  });
});
