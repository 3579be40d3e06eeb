/**
 * Counts of latencies in buckets whose bounds grow by a fixed ratio, four to a doubling: small, can be added up, and a
 * percentile taken from them is never below the true one and at most a fifth above it (as in HdrHistogram and Prometheus'
 * native histograms, with a coarser ratio).
 */
const FIRST_BOUND_MS = 0.05;
const BUCKETS_PER_DOUBLING = 4;
/** The last bound is above a minute; only a longer timeout lets a latency lie beyond it. */
export const HISTOGRAM_BUCKETS = 84;

/** One number a bucket. */
export type Histogram = Uint32Array<ArrayBuffer>;

export function emptyHistogram(): Histogram {
  return new Uint32Array(HISTOGRAM_BUCKETS);
}

/** The bucket of a latency in milliseconds; what is slower than the last bound belongs to the last one. */
export function bucketOf(latencyMs: number): number {
  if (latencyMs <= FIRST_BOUND_MS) return 0;
  const bucket = Math.ceil(Math.log2(latencyMs / FIRST_BOUND_MS) * BUCKETS_PER_DOUBLING);
  return Math.min(bucket, HISTOGRAM_BUCKETS - 1);
}

function boundOf(bucket: number): number {
  return FIRST_BOUND_MS * 2 ** (bucket / BUCKETS_PER_DOUBLING);
}

/** The latency that a share of all does not exceed (nearest rank), as the bound of its bucket; null of an empty one. */
export function percentileOf(histogram: Histogram, share: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (const [bucket, count] of histogram.entries()) {
    seen += count;
    if (seen >= rank) return boundOf(bucket);
  }
  return null;
}

/** Buckets that count something, each its number and its count as a little-endian base-128 integer (LEB128). */
export function encodeHistogram(histogram: Histogram): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const [bucket, count] of histogram.entries()) {
    if (count === 0) continue;
    bytes.push(bucket);
    let rest = count;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** Adds what `encodeHistogram` wrote to a histogram. Bytes that it cannot have written are left out. */
export function addEncoded(histogram: Histogram, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const bucket = bytes[at++] ?? 0;
    let count = 0;
    let scale = 1;
    for (let byte = 0x80; byte >= 0x80 && at < bytes.length; scale *= 0x80) {
      byte = bytes[at++] ?? 0;
      count += (byte & 0x7f) * scale;
    }
    if (bucket < HISTOGRAM_BUCKETS) histogram[bucket] = (histogram[bucket] ?? 0) + count;
  }
}
