import { describe, expect, it } from 'vitest';
import type { LatencyPoint } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { HistoryEngine } from './history-engine.ts';
import { ceilTo, DAY_MS, HOUR_MS, keptMs, MINUTE_MS } from './latency-levels.ts';
import { historyEngine } from './testing/history-builders.ts';
import { batchOf, minuteOf, runAt, until } from './testing/history-entries.ts';

const NOW = Date.UTC(2026, 2, 9, 12);

function latencyOf(engine: HistoryEngine, from: number, to: number, points = 200): readonly LatencyPoint[] {
  return engine.read({ server: 's1', from, to, points }).latency;
}

function count(points: readonly LatencyPoint[]): number {
  return points.reduce((sum, point) => sum + point.count, 0);
}

/** A history that ends now and has one minute of ten probes every `everyMs`, so far back. */
async function filled(everyMs: number, backMs: number): Promise<HistoryEngine> {
  const { engine } = await historyEngine();
  const minutes = [];
  for (let at = NOW - backMs; at < NOW; at += everyMs) minutes.push(minuteOf(at, [1, 2, 3, 4, 5, 6, 7, 8, 9, null]));
  engine.write(batchOf({ entries: [runAt(NOW - backMs), until(NOW)], minutes }));
  return engine;
}

describe('latency', () => {
  it('has every probe of the last hour, where that many are asked for', async () => {
    const engine = await filled(MINUTE_MS, 10 * MINUTE_MS);
    const points = latencyOf(engine, NOW - MINUTE_MS, NOW, 1000);
    expect(points).toHaveLength(10);
    expect(points[2]).toEqual({
      ...{ at: NOW - MINUTE_MS + 2000, count: 1, failures: 0 },
      ...{ minMs: 3, meanMs: 3, p50Ms: 3, p99Ms: 3, maxMs: 3 },
    });
    expect(points[9]).toMatchObject({ failures: 1, minMs: null, meanMs: null, p50Ms: null, p99Ms: null, maxMs: null });
  });

  it('puts single probes together when fewer points are asked for, with exact percentiles', async () => {
    const engine = await filled(MINUTE_MS, 10 * MINUTE_MS);
    const points = latencyOf(engine, NOW - 10 * MINUTE_MS, NOW, 20);
    expect(points).toHaveLength(10);
    expect(points[0]).toMatchObject({ count: 10, failures: 1, minMs: 1, meanMs: 5, p50Ms: 5, p99Ms: 9, maxMs: 9 });
  });

  it('adds what comes later of the same minute', async () => {
    const { engine } = await historyEngine();
    const at = NOW - MINUTE_MS;
    engine.write(batchOf({ entries: [runAt(at), until(NOW)], minutes: [minuteOf(at, [1, 2]), minuteOf(at, [30])] }));
    expect(latencyOf(engine, at, NOW, 1)).toMatchObject([{ count: 3, minMs: 1, maxMs: 30, meanMs: 11 }]);
  });

  it('takes minutes for a day, hours for a month, days for a year, and never counts a probe twice', async () => {
    const engine = await filled(6 * HOUR_MS, 60 * DAY_MS);
    for (const [backMs, points] of [
      [DAY_MS, 1000],
      [30 * DAY_MS, 1000],
      [30 * DAY_MS, 60],
      [60 * DAY_MS, 1000],
      [60 * DAY_MS, 10],
    ] as const) {
      const from = ceilTo(DAY_MS, NOW - backMs);
      const latency = latencyOf(engine, from, NOW, points);
      expect(count(latency)).toBe((10 * (NOW - from)) / (6 * HOUR_MS));
      expect(latency.length).toBeLessThanOrEqual(points);
      expect(latency.map(({ at }) => at)).toEqual(latency.map(({ at }) => at).toSorted((a, b) => a - b));
    }
  });

  it('tells of rolled up minutes percentiles that are not below the truth', async () => {
    const engine = await filled(MINUTE_MS, 5 * HOUR_MS);
    const [point] = latencyOf(engine, NOW - 5 * HOUR_MS, NOW, 1);
    expect(point).toMatchObject({ count: 3000, failures: 300, minMs: 1, meanMs: 5, maxMs: 9, p99Ms: 9 });
    expect(point?.p50Ms).toBeGreaterThanOrEqual(5);
    expect(point?.p50Ms).toBeLessThanOrEqual(6);
  });

  it('answers quickly whatever range somebody asks for', async () => {
    const engine = await filled(2 * HOUR_MS, 3 * DAY_MS);
    const latency = latencyOf(engine, 0, 8_640_000_000_000_000, 1000);
    expect(count(latency)).toBe(360);
    expect(latencyOf(engine, 0, 1)).toEqual([]);
  });

  it('forgets what is older than its level keeps, and says of that what coarser ones know', async () => {
    const engine = await filled(2 * HOUR_MS, 3 * DAY_MS);
    engine.write(batchOf({ pruneAt: NOW }));
    expect(count(latencyOf(engine, NOW - 3 * DAY_MS, NOW))).toBe(360);
  });
});

it('shares its rows among all servers', () => {
  expect(keptMs(MINUTE_MS, 20)).toBe(DAY_MS);
  expect(keptMs(MINUTE_MS, 500)).toBe(DAY_MS);
  expect(keptMs(MINUTE_MS, 5000)).toBe(144 * MINUTE_MS);
  expect(keptMs(HOUR_MS, 5000)).toBe(6 * DAY_MS);
  expect(keptMs(DAY_MS, 5000)).toBe(146 * DAY_MS);
  expect(keptMs(MINUTE_MS, 10_000)).toBe(2 * HOUR_MS);
});
