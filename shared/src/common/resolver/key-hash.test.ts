import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRendezvousVectors } from '#testing/vector-files.ts';
import { hashText, mix } from './key-hash.ts';

/** FNV-1a as its page has it, over the bytes that the platform's encoder makes. */
function plainFnv(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return mix(hash) >>> 0;
}

describe('the hash of a key', () => {
  it('is that of the golden vectors', () => {
    const { keys } = readRendezvousVectors();
    expect(keys.length).toBeGreaterThan(50);
    for (const { key, hash } of keys) expect(hashText(key)).toBe(hash);
  });

  it('is FNV-1a over the UTF-8 bytes, also of half surrogate pairs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(hashText(text)).toBe(plainFnv(text));
      }),
    );
    const units = fc.array(fc.integer({ min: 0xd700, max: 0xe100 }), { maxLength: 6 });
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        expect(hashText(text)).toBe(plainFnv(text));
      }),
    );
  });

  it('has the published start and step of FNV-1a', () => {
    // FNV-1a of "a" is e40c292c, of "foobar" bf9cf968: the reference page's own test vectors.
    expect(hashText('')).toBe(mix(0x811c9dc5) >>> 0);
    expect(hashText('a')).toBe(mix(0xe40c292c) >>> 0);
    expect(hashText('foobar')).toBe(mix(0xbf9cf968) >>> 0);
  });

  it('differs by its seed', () => {
    expect(hashText('state1:42424', 1)).not.toBe(hashText('state1:42424', 2));
  });
});

describe('mix', () => {
  it('gives MurmurHash3 its last step', () => {
    // MurmurHash3_x86_32 of nothing with seed 1 is the finaliser of 1.
    expect(mix(1) >>> 0).toBe(0x514e28b7);
    expect(mix(0)).toBe(0);
  });
});
