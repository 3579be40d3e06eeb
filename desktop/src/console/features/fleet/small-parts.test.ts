import { describe, expect, it } from 'vitest';
import type { LatencyPoint } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { secondsLeft } from './countdown.ts';
import { etaSeconds, withSample, type Sample } from './eta.ts';
import { formatMs, sparkPath, topOf } from './sparkline.ts';

describe('the countdown of a warm-up', () => {
  it('runs on between two answers and ends at nothing', () => {
    expect([0, 400, 3000, 9000].map((later) => secondsLeft(7200, 1000, 1000 + later))).toEqual([8, 7, 5, 0]);
  });

  it('does not grow when the clock of this machine is set back', () => {
    expect(secondsLeft(7000, 1000, 0)).toBe(7);
  });
});

describe('the pace at which copies arrive', () => {
  const after = (opens: readonly number[], stepMs = 2000): readonly Sample[] =>
    opens.reduce<readonly Sample[]>((samples, open, index) => withSample(samples, { at: index * stepMs, open }), []);

  it('tells when the last one is there', () => {
    expect(etaSeconds(after([100, 90, 80, 70, 60]))).toBe(12);
  });

  it.each([
    ['one look', [100]],
    ['nothing moves', [100, 100, 100]],
    ['nothing is open', [3, 1, 0]],
    ['more came than went', [100, 90, 120]],
  ])('is not known: %s', (_, opens) => {
    expect(etaSeconds(after(opens))).toBeNull();
  });

  it('is not told from a moment', () => {
    expect(etaSeconds(after([100, 90], 500))).toBeNull();
  });
});

describe('the latency line', () => {
  const point = (at: number, p50Ms: number | null): LatencyPoint => {
    return { at, count: 1, failures: 0, minMs: p50Ms, meanMs: p50Ms, p50Ms, p99Ms: p50Ms, maxMs: p50Ms };
  };
  const frame = { from: 0, to: 100, width: 100, height: 10, topMs: 10 };

  it('breaks where no probe was answered and where none was made', () => {
    const points = [point(0, 5), point(10, 10), point(20, null), point(30, 0), point(80, 5)];
    expect(sparkPath(points, frame, 25)).toBe('M0.0 5.0h0L10.0 0.0M30.0 10.0h0M80.0 5.0h0');
  });

  it('has a round number at its top', () => {
    expect([[0.4], [3, 7], [12_345], []].map((values) => topOf(values.map((ms) => point(0, ms))))).toEqual([
      1, 10, 12_345, 1,
    ]);
    expect([0.84, 12.3].map(formatMs)).toEqual(['0.8 ms', '12 ms']);
  });
});
