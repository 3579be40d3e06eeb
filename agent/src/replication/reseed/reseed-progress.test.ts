import { describe, expect, it } from 'vitest';
import { etaSecondsOf } from './reseed-progress.ts';

describe('the time that is left', () => {
  it('follows the pace since the start', () => {
    expect(etaSecondsOf({ total: 1000, done: 300, doneAtStart: 200, elapsedMs: 10_000 })).toBe(70);
  });

  it('is unknown before anything was brought, and nothing at the end', () => {
    expect(etaSecondsOf({ total: 1000, done: 200, doneAtStart: 200, elapsedMs: 10_000 })).toBeNull();
    expect(etaSecondsOf({ total: 1000, done: 201, doneAtStart: 200, elapsedMs: 0 })).toBeNull();
    expect(etaSecondsOf({ total: 1000, done: 1000, doneAtStart: 200, elapsedMs: 10_000 })).toBe(0);
  });
});
