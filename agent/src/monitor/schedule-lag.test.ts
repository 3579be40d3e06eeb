import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LagCounter } from './schedule-lag.ts';

it('tells nothing of nothing', () => {
  expect(new LagCounter().take()).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
});

it('tells percentiles to a quarter of a millisecond, the longest exactly, and forgets what it told', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 300 }), (delays) => {
      const counter = new LagCounter();
      for (const delay of delays) counter.add(delay);
      const sorted = delays.toSorted((a, b) => a - b);
      const exact = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      const { count, p50Ms, p99Ms, maxMs } = counter.take();
      expect([count, maxMs]).toEqual([delays.length, Math.max(...delays)]);
      for (const [told, share] of [[p50Ms, 0.5] as const, [p99Ms, 0.99] as const]) {
        expect(told).toBeGreaterThanOrEqual(exact(share));
        expect(told).toBeLessThanOrEqual(exact(share) + 0.25);
      }
      expect(counter.take().count).toBe(0);
    }),
  );
});

it('takes what began early for in time, and an hour for an hour', () => {
  const counter = new LagCounter();
  for (const delay of [-3, -1, 3_600_000]) counter.add(delay);
  expect(counter.take()).toEqual({ count: 3, p50Ms: 0, p99Ms: 3_600_000, maxMs: 3_600_000 });
});
