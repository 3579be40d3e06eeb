import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstInt32OfBase64 } from './session-bytes.ts';

describe('firstInt32OfBase64', () => {
  it('reads the first four bytes, the lowest first', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        expect(firstInt32OfBase64(buffer.toString('base64'))).toBe(buffer.readInt32LE());
      }),
    );
  });

  it('has nothing to read in fewer than four bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 }), (bytes) => {
        expect(firstInt32OfBase64(Buffer.from(bytes).toString('base64'))).toBeUndefined();
      }),
    );
  });

  it('looks past white space, and past no other character', () => {
    expect(firstInt32OfBase64(' AQ\tID\r\nBA= =')).toBe(0x04030201);
    for (const odd of ['-', '_', '.', '\u00a0', '\v', '\f', '\0', '=', '图'])
      expect(firstInt32OfBase64(`AQIDBA${odd}AAQ==`)).toBeUndefined();
  });

  it('refuses an endless text without reading it', () => {
    expect(firstInt32OfBase64('A'.repeat(10_000_000))).toBeUndefined();
  });
});
