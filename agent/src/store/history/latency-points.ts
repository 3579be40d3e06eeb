import type { LatencyPoint } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { Range } from './known-times.ts';
import { ceilTo, DAY_MS, HOUR_MS, MINUTE_MS, SAMPLE_RETENTION_MS, type Level } from './latency-levels.ts';
import { mergeStats, percentileOfStats, type LatencyStats } from './latency-stats.ts';
import type { LatencyInterval, LatencyTable, TimedSample } from './latency-table.ts';

export interface PointsQuery extends Range {
  readonly server: number;
  readonly points: number;
  /** The end of the history, and how many servers share it: both say how far each level reaches back. */
  readonly now: number;
  readonly servers: number;
}

/**
 * The latencies of a range in at most `points` steps, each from the finest that is kept and not finer than a step needs:
 * single probes, minutes, hours, days. Percentiles of single probes are exact.
 */
export function latencyPoints(table: LatencyTable, query: PointsQuery): readonly LatencyPoint[] {
  const { from, to, points, now, server } = query;
  const stepMs = Math.max(1, Math.ceil((to - from) / points));
  const stepOf = (at: number): number => Math.max(0, Math.floor((at - from) / stepMs));
  const samples = stepMs < MINUTE_MS && from >= now - SAMPLE_RETENTION_MS ? table.samples(server, query) : [];
  if (samples.length > 0) {
    return groups(samples, ({ at }) => stepOf(at)).map((group) => pointOfSamples(group));
  }
  return groups(intervalsOf(table, query, stepMs), (interval) => stepOf(interval.from)).map((group) => {
    const stats = group.map((interval) => interval.stats).reduce(mergeStats);
    return pointOfStats(Math.max(from, group[0].from), stats);
  });
}

/** The finest level that a step needs, and for what is older than that level keeps, coarser ones. */
function intervalsOf(table: LatencyTable, query: PointsQuery, stepMs: number): readonly LatencyInterval[] {
  const { server, from, to, now, servers } = query;
  const finest: Level = stepMs < HOUR_MS ? MINUTE_MS : stepMs < DAY_MS ? HOUR_MS : DAY_MS;
  // A level begins where an interval of the coarser one ends, so that nothing is counted twice.
  const hoursFrom = ceilTo(DAY_MS, table.keptFrom(HOUR_MS, now, servers));
  const minutesFrom = Math.max(hoursFrom, ceilTo(HOUR_MS, table.keptFrom(MINUTE_MS, now, servers)));
  const hoursEnd = finest === MINUTE_MS ? minutesFrom : to;
  const daysEnd = finest === DAY_MS ? to : hoursFrom;
  // Whatever somebody asks for: nothing is looked for where nothing can be.
  const last = Math.min(to, now + DAY_MS);
  const within = (level: Level, begin: number, end: number): readonly LatencyInterval[] =>
    table.intervals(level, server, { from: Math.max(from, begin), to: Math.min(last, end) });
  return [
    ...within(DAY_MS, table.keptFrom(DAY_MS, now, servers), daysEnd),
    ...(finest === DAY_MS ? [] : within(HOUR_MS, hoursFrom, hoursEnd)),
    ...(finest === MINUTE_MS ? within(MINUTE_MS, minutesFrom, to) : []),
  ];
}

type Group<T> = readonly [T, ...T[]];

/** What has the same number stands together; the numbers only grow. */
function groups<T>(items: readonly T[], numberOf: (item: T) => number): readonly Group<T>[] {
  const byNumber = new Map<number, [T, ...T[]]>();
  for (const item of items) {
    const group = byNumber.get(numberOf(item));
    if (group === undefined) byNumber.set(numberOf(item), [item]);
    else group.push(item);
  }
  return [...byNumber.values()];
}

function pointOfStats(at: number, stats: LatencyStats): LatencyPoint {
  const { count, failures, minMs, maxMs, sumMs } = stats;
  const successes = count - failures;
  return {
    ...{ at, count, failures, minMs, maxMs },
    meanMs: successes === 0 ? null : sumMs / successes,
    p50Ms: percentileOfStats(stats, 0.5),
    p99Ms: percentileOfStats(stats, 0.99),
  };
}

function pointOfSamples(samples: Group<TimedSample>): LatencyPoint {
  const latencies = samples.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs])).sort((a, b) => a - b);
  const nearest = (share: number): number | null =>
    latencies[Math.max(0, Math.ceil(share * latencies.length) - 1)] ?? null;
  return {
    at: samples[0].at,
    count: samples.length,
    failures: samples.length - latencies.length,
    minMs: latencies[0] ?? null,
    meanMs: latencies.length === 0 ? null : latencies.reduce((sum, latency) => sum + latency, 0) / latencies.length,
    p50Ms: nearest(0.5),
    p99Ms: nearest(0.99),
    maxMs: latencies.at(-1) ?? null,
  };
}
