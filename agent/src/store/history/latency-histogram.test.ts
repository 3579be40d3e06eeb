import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  addEncoded,
  bucketOf,
  emptyHistogram,
  encodeHistogram,
  percentileOf,
  type Histogram,
} from './latency-histogram.ts';

function histogramOf(latencies: readonly number[]): Histogram {
  const histogram = emptyHistogram();
  for (const latency of latencies) histogram[bucketOf(latency)] = (histogram[bucketOf(latency)] ?? 0) + 1;
  return histogram;
}

const latency = fc.double({ min: 0.051, max: 80_000, noNaN: true });

it('never tells a percentile below the true one, nor more than a fifth above it', () => {
  const share = fc.constantFrom(0.5, 0.9, 0.99, 1);
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), share, (latencies, asked) => {
      const sorted = latencies.toSorted((a, b) => a - b);
      const exact = sorted[Math.ceil(asked * sorted.length) - 1] ?? 0;
      const told = percentileOf(histogramOf(latencies), asked) ?? 0;
      // The last digits are those of the logarithm.
      expect(told).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
      expect(told).toBeLessThanOrEqual(exact * 1.2);
    }),
  );
});

it('is the same after it was written and read, and adds up', () => {
  fc.assert(
    fc.property(fc.array(latency), fc.array(latency), (some, others) => {
      const sum = emptyHistogram();
      addEncoded(sum, encodeHistogram(histogramOf(some)));
      addEncoded(sum, encodeHistogram(histogramOf(others)));
      expect(sum).toEqual(histogramOf([...some, ...others]));
    }),
  );
});

it('keeps the counts of a year', () => {
  const year = emptyHistogram();
  year[3] = 80_000_000;
  const back = emptyHistogram();
  addEncoded(back, encodeHistogram(year));
  expect(back[3]).toBe(80_000_000);
});

it('reads whatever bytes there are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      expect(() => addEncoded(emptyHistogram(), bytes)).not.toThrow();
    }),
  );
});

it('has nothing to tell of nothing', () => {
  expect(percentileOf(emptyHistogram(), 0.5)).toBeNull();
});

it('counts what is slower or quicker than its bounds at its ends', () => {
  expect(bucketOf(0)).toBe(0);
  expect(bucketOf(1e9)).toBe(emptyHistogram().length - 1);
});
