import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RecentBytes } from './recent-bytes.ts';

const version = (n: number): string => `00000000000${String(n)}-0000-a`;

describe('recent bytes', () => {
  it('are given for exactly the version that was put', () => {
    const recent = new RecentBytes({ maxBytes: 1000, maxAgeMs: 1000 });
    recent.put({ path: 'a.png', version: version(1) }, new Uint8Array(10));
    expect(recent.get('a.png', version(1))).toHaveLength(10);
    expect(recent.get('a.png', version(2))).toBeUndefined();
    expect(recent.get('b.png', version(1))).toBeUndefined();
  });

  it('of an older version give way to the newer one', () => {
    const recent = new RecentBytes({ maxBytes: 1000, maxAgeMs: 1000 });
    recent.put({ path: 'a.png', version: version(1) }, new Uint8Array(10));
    recent.put({ path: 'a.png', version: version(2) }, new Uint8Array(20));
    expect(recent.get('a.png', version(1))).toBeUndefined();
    expect(recent.get('a.png', version(2))).toHaveLength(20);
  });

  it('stay within their limit, counting the whole buffer behind a view, oldest out first', () => {
    const recent = new RecentBytes({ maxBytes: 250, maxAgeMs: 1000 });
    for (const name of ['a', 'b', 'c'])
      recent.put({ path: name, version: version(1) }, new Uint8Array(100).subarray(0, 5));
    expect(recent.get('a', version(1))).toBeUndefined();
    expect(recent.get('b', version(1))).toHaveLength(5);
    expect(recent.get('c', version(1))).toHaveLength(5);
    recent.put({ path: 'd', version: version(1) }, new Uint8Array(1000));
    expect(['b', 'c', 'd'].map((name) => recent.get(name, version(1)))).toEqual([undefined, undefined, undefined]);
  });

  it('are let go when they are old', async () => {
    const recent = new RecentBytes({ maxBytes: 1000, maxAgeMs: 5 });
    recent.put({ path: 'a', version: version(1) }, new Uint8Array(10));
    await delay(50);
    expect(recent.get('a', version(1))).toBeUndefined();
  });
});
