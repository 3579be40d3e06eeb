import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDelayMs } from './backoff.ts';

const almostOne = () => 0.999999999;

describe('the wait before the next attempt', () => {
  it('doubles with each attempt until the cap', () => {
    const ceilings = [1, 2, 3, 4, 5, 6].map((attempts) =>
      nextDelayMs({ attempts, firstMs: 2000, capMs: 30_000, random: almostOne }),
    );
    expect(ceilings).toEqual([1999, 3999, 7999, 15_999, 29_999, 29_999]);
  });

  it('is spread over the whole range from zero', () => {
    const bounds = { attempts: 3, firstMs: 1000, capMs: 60_000 };
    expect([0, 0.25, 0.5].map((value) => nextDelayMs({ ...bounds, random: () => value }))).toEqual([0, 1000, 2000]);
  });

  it('never leaves zero to the cap, however often a delivery has failed', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.nat(100_000_000),
        fc.nat(100_000_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, firstMs, capMs, value) => {
          const delayMs = nextDelayMs({ attempts, firstMs, capMs, random: () => value });
          expect(Number.isInteger(delayMs)).toBe(true);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(capMs);
        },
      ),
    );
  });
});
