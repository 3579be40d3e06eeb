import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { HistoryBatch, HistoryEntry, MinuteOfServer } from '../history-store.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';
import { bucketOf, emptyHistogram, encodeHistogram } from '../latency-histogram.ts';
import { encodeSamples } from '../latency-samples.ts';
import type { LatencyStats } from '../latency-stats.ts';

export function batchOf(parts: Partial<HistoryBatch>): HistoryBatch {
  return { entries: [], minutes: [], incidents: [], servers: 1, pruneAt: null, ...parts };
}

export function runAt(at: number, isSettled = false): HistoryEntry {
  return { kind: 'run', at, isSettled };
}

export function until(at: number): HistoryEntry {
  return { kind: 'until', at };
}

/** A transition of s1, or of the server named. */
export function changeTo(state: ServerState, at: number, server = 's1'): HistoryEntry {
  const facts = { from: 'unknown' as const, lastedMs: 0, cause: null, isConfirmed: true };
  return { kind: 'change', server, at, state, facts };
}

/** Statistics of probes, each its latency; null is a failure. */
export function statsOf(latencies: readonly (number | null)[]): LatencyStats {
  const good = latencies.filter((latency) => latency !== null);
  const histogram = emptyHistogram();
  for (const latency of good) histogram[bucketOf(latency)] = (histogram[bucketOf(latency)] ?? 0) + 1;
  return {
    count: latencies.length,
    failures: latencies.length - good.length,
    minMs: good.length === 0 ? null : Math.min(...good),
    maxMs: good.length === 0 ? null : Math.max(...good),
    sumMs: good.reduce((sum, latency) => sum + latency, 0),
    histogram: encodeHistogram(histogram),
  };
}

/** Probes of s1 in a minute, a second apart. */
export function minuteOf(at: number, latencies: readonly (number | null)[], server = 's1'): MinuteOfServer {
  const samples = encodeSamples(latencies.map((latencyMs, index) => ({ offsetMs: index * 1000, latencyMs })));
  return { server, at, stats: statsOf(latencies), samples };
}

export function incidentOf(parts: Partial<StoredIncident>): StoredIncident {
  return {
    ...{ id: 'i1', openedAt: 1000, closedAt: null, cause: null, servers: ['s1'], missing: ['s1'] },
    ...{ isConfirmed: true, reopened: 0, isAnnounced: true },
    ...parts,
  };
}
