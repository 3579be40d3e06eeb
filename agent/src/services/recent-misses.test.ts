import { describe, expect, it } from 'vitest';
import { RecentMisses } from './recent-misses.ts';

describe('misses that are remembered', () => {
  it('are forgotten after their time', () => {
    let nowMs = 0;
    const misses = new RecentMisses<string>({ limit: 10, forMs: 100, monotonic: () => nowMs });
    misses.add('a', 'nobody');
    nowMs = 99;
    expect(misses.get('a')).toBe('nobody');
    nowMs = 100;
    expect(misses.get('a')).toBeUndefined();
    expect(misses.size).toBe(0);
  });

  it('are never more than their limit: the oldest goes', () => {
    const misses = new RecentMisses<number>({ limit: 2, forMs: 100, monotonic: () => 0 });
    for (const [index, key] of ['a', 'b', 'a', 'c'].entries()) misses.add(key, index);
    expect(['a', 'b', 'c'].map((key) => misses.get(key))).toEqual([2, undefined, 3]);
  });
});
