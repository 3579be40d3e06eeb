import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, weightUnits } from './weighted-cost.ts';

const MAX_SCORE = 0xffffffff;
const UNIT = 2 ** 24;
const scores = fc.oneof(
  fc.integer({ min: 0, max: MAX_SCORE }),
  // The winner's score is nearly always among the highest.
  fc.integer({ min: 0, max: 1000 }).map((distance) => MAX_SCORE - distance),
  fc.integer({ min: 0, max: 31 }).map((bit) => 2 ** bit - 1),
);

describe('the cost of a score', () => {
  it('is −log₂ of it, to a twentieth of a percent', () => {
    fc.assert(
      fc.property(scores, (score) => {
        const exact = -Math.log2((score + 1) / 2 ** 32) * UNIT;
        expect(Math.abs(costOf(score) - exact)).toBeLessThanOrEqual(0.0005 * exact + 2);
      }),
      { numRuns: 5000 },
    );
  });

  it('never grows with the score, so that equal weights leave the order of the scores', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 100_000 }), (score, step) => {
        expect(costOf(Math.min(MAX_SCORE, score + step))).toBeLessThanOrEqual(costOf(score));
      }),
      { numRuns: 5000 },
    );
    let before = costOf(0);
    for (let score = 1; score < 5000; score += 1) {
      const cost = costOf(score);
      expect(cost).toBeLessThan(before);
      before = cost;
    }
  });

  it('is an integer that stays exact when it is multiplied by the largest weight', () => {
    expect(costOf(MAX_SCORE)).toBe(0);
    expect(costOf(0)).toBe(32 * UNIT);
    expect(costOf(0) * weightUnits(Infinity)).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });
});

describe('a weight', () => {
  it.each([
    [1, 1024],
    [0.5, 512],
    [0.1, 102],
    [2.5, 2560],
    [1e-9, 1],
    [0, 1],
    [-3, 1],
    [NaN, 1],
    [1e9, 2 ** 23 - 1],
  ])('%s is %s units', (weight, units) => {
    expect(weightUnits(weight)).toBe(units);
  });
});
