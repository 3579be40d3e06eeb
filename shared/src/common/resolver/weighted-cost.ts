/**
 * Weights without floating-point logarithms, whose last digits differ between languages: the cost of a score is a
 * fixed-point approximation of −log₂(u) made of integers only. shared/aspnet/WeightedCost.cs is this file in C#.
 */

/** Bits after the point of a cost. */
const FRACTION_BITS = 24;
/** The table has 2 to this steps between 1 and 2; linear in between, which is off by less than 0.05 %. */
const TABLE_BITS = 10;
const TABLE_STEPS = 1 << TABLE_BITS;
/** Bits after the point while the table is made: squares must stay exact in a double. */
const SQUARE_BITS = 25;
const REST_BITS = 31 - TABLE_BITS;
const REST_MASK = (1 << REST_BITS) - 1;
/** Weights become multiples of 1/1024, and a cost times a weight stays an exact integer in a double. */
const WEIGHT_UNIT = 1024;
const MAX_WEIGHT_UNITS = 2 ** 23 - 1;

const LOG_TABLE = makeLogTable();

/** A weight in units of 1/1024, at least 1 of them, at most 8191 as a weight. */
export function weightUnits(weight: number): number {
  // Comparisons with NaN are false, so what is no number gets the smallest share.
  const units = Math.floor(weight * WEIGHT_UNIT + 0.5);
  return units >= 1 ? Math.min(units, MAX_WEIGHT_UNITS) : 1;
}

/** −log₂((score + 1) / 2³²) with 24 bits after the point, for a score from 0 to 2³² − 1; a higher score costs less. */
export function costOf(score: number): number {
  if (score === 0xffffffff) return 0;
  const value = score + 1;
  const leadingZeros = Math.clz32(value);
  const aligned = (value << leadingZeros) >>> 0;
  const step = (aligned >>> REST_BITS) & (TABLE_STEPS - 1);
  const low = LOG_TABLE[step] ?? 0;
  const high = LOG_TABLE[step + 1] ?? 0;
  const rest = aligned & REST_MASK;
  const fraction = low + Math.floor(((high - low) * rest) / 2 ** REST_BITS);
  return (leadingZeros + 1) * 2 ** FRACTION_BITS - fraction;
}

/** log₂(1 + i/1024) with 24 bits after the point, bit by bit: squaring a number doubles its logarithm. */
function makeLogTable(): Float64Array {
  const table = new Float64Array(TABLE_STEPS + 1);
  for (let step = 0; step < TABLE_STEPS; step += 1) {
    let value = (TABLE_STEPS + step) * 2 ** (SQUARE_BITS - TABLE_BITS);
    let logarithm = 0;
    for (let bit = 0; bit < FRACTION_BITS; bit += 1) {
      value = Math.floor((value * value) / 2 ** SQUARE_BITS);
      logarithm *= 2;
      if (value >= 2 ** (SQUARE_BITS + 1)) {
        value = Math.floor(value / 2);
        logarithm += 1;
      }
    }
    table[step] = logarithm;
  }
  table[TABLE_STEPS] = 2 ** FRACTION_BITS;
  return table;
}
