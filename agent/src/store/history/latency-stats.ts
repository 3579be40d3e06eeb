import { addEncoded, emptyHistogram, encodeHistogram, percentileOf } from './latency-histogram.ts';

/** What is kept of the probes of one server in one interval. Latencies are of successes, in milliseconds. */
export interface LatencyStats {
  /** Probes that said something of the server; failures are among them. */
  readonly count: number;
  readonly failures: number;
  /** Null without a success. */
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly sumMs: number;
  /** As `encodeHistogram` writes it. */
  readonly histogram: Uint8Array<ArrayBuffer>;
}

/** The probes of two intervals together. */
export function mergeStats(a: LatencyStats, b: LatencyStats): LatencyStats {
  const histogram = emptyHistogram();
  addEncoded(histogram, a.histogram);
  addEncoded(histogram, b.histogram);
  return {
    count: a.count + b.count,
    failures: a.failures + b.failures,
    minMs: chosen(a.minMs, b.minMs, Math.min),
    maxMs: chosen(a.maxMs, b.maxMs, Math.max),
    sumMs: a.sumMs + b.sumMs,
    histogram: encodeHistogram(histogram),
  };
}

function chosen(a: number | null, b: number | null, choose: (a: number, b: number) => number): number | null {
  if (a === null) return b;
  return b === null ? a : choose(a, b);
}

/** A percentile, never outside of what was measured. */
export function percentileOfStats({ histogram, minMs, maxMs }: LatencyStats, share: number): number | null {
  const counts = emptyHistogram();
  addEncoded(counts, histogram);
  const bound = percentileOf(counts, share);
  if (bound === null || minMs === null || maxMs === null) return null;
  return Math.min(Math.max(bound, minMs), maxMs);
}
