import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateOwned, freeOwned } from './owned-buffer.ts';
import { RecentBytes } from './recent-bytes.ts';

const version = (n: number): string => `${String(n).padStart(12, '0')}-0000-a`;

function bytesOf(recent: RecentBytes, path: string, n: number, length: number): Uint8Array | undefined {
  const target = new Uint8Array(length);
  return recent.copyTo(target, path, version(n)) ? target : undefined;
}

describe('recent bytes', () => {
  it('are given for exactly the version and length that was put', () => {
    const recent = new RecentBytes(1000);
    recent.put({ path: 'a.png', version: version(1) }, new Uint8Array([1, 2, 3]));
    expect(bytesOf(recent, 'a.png', 1, 3)).toEqual(new Uint8Array([1, 2, 3]));
    expect(bytesOf(recent, 'a.png', 1, 2)).toBeUndefined();
    expect(bytesOf(recent, 'a.png', 2, 3)).toBeUndefined();
    expect(bytesOf(recent, 'b.png', 1, 3)).toBeUndefined();
  });

  it('are a copy, which the caller’s buffer may outlive or not', () => {
    const recent = new RecentBytes(1000);
    const bytes = new Uint8Array([1, 2, 3]);
    recent.put({ path: 'a.png', version: version(1) }, bytes);
    bytes.fill(9);
    expect(bytesOf(recent, 'a.png', 1, 3)).toEqual(new Uint8Array([1, 2, 3]));
  });

  it('are not kept of an image that would push out most others', () => {
    const recent = new RecentBytes(100);
    recent.put({ path: 'a.png', version: version(1) }, new Uint8Array(26));
    expect(bytesOf(recent, 'a.png', 1, 26)).toBeUndefined();
  });

  it('are right or not there, whatever was put before, and the newest is always there', () => {
    const puts = fc.array(fc.record({ path: fc.nat(20), length: fc.integer({ min: 1, max: 25 }) }), { maxLength: 200 });
    fc.assert(
      fc.property(puts, (all) => {
        const recent = new RecentBytes(100);
        const last = new Map<number, { n: number; length: number }>();
        for (const [n, { path, length }] of all.entries()) {
          recent.put({ path: String(path), version: version(n) }, new Uint8Array(length).fill(n));
          last.set(path, { n, length });
          expect(bytesOf(recent, String(path), n, length)).toBeDefined();
          for (const [other, { n: newest, length: size }] of last) {
            const found = bytesOf(recent, String(other), newest, size);
            if (found !== undefined) expect(found).toEqual(new Uint8Array(size).fill(newest));
          }
        }
      }),
    );
  });
});

describe('an owned buffer', () => {
  it('is empty after it was freed', () => {
    const buffer = allocateOwned(100);
    expect(buffer).toHaveLength(100);
    freeOwned(buffer);
    expect(buffer).toHaveLength(0);
  });
});
