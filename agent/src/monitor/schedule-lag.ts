/** How late probes began, in milliseconds. */
export interface ScheduleLag {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const BUCKETS_PER_MS = 4;
/** Longer delays are told apart by the longest alone. */
const MAX_COUNTED_MS = 1024;

/**
 * Counts delays to a quarter of a millisecond. A histogram of Node's is a call into C++ for each, which thousands of probes
 * a second feel.
 */
export class LagCounter {
  readonly #buckets = new Uint32Array(MAX_COUNTED_MS * BUCKETS_PER_MS + 1);
  #count = 0;
  #maxMs = 0;

  add(lateMs: number): void {
    const bucket = Math.min(Math.ceil(Math.max(0, lateMs) * BUCKETS_PER_MS), this.#buckets.length - 1);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    if (lateMs > this.#maxMs) this.#maxMs = lateMs;
  }

  /** Since it was asked last. */
  take(): ScheduleLag {
    const lag = { count: this.#count, p50Ms: this.#percentile(0.5), p99Ms: this.#percentile(0.99), maxMs: this.#maxMs };
    this.#buckets.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
    return lag;
  }

  /** The delay that a share of all does not exceed (nearest rank). */
  #percentile(share: number): number {
    let left = Math.max(1, Math.ceil(share * this.#count));
    for (const [bucket, count] of this.#buckets.entries()) {
      left -= count;
      if (left > 0) continue;
      const isLast = bucket === this.#buckets.length - 1;
      return isLast ? this.#maxMs : Math.min(bucket / BUCKETS_PER_MS, this.#maxMs);
    }
    return 0;
  }
}
