import type { MinuteOfServer } from '#store/history/history-store.ts';
import { bucketOf, encodeHistogram, HISTOGRAM_BUCKETS } from '#store/history/latency-histogram.ts';
import { MINUTE_MS } from '#store/history/latency-levels.ts';
import { encodeSamples, type LatencySample } from '#store/history/latency-samples.ts';

/** Single probes of a minute; of a server that is probed more often, what comes later is in the statistics only. */
const MAX_SAMPLES = 300;

/** Places among the numbers of a minute; the histogram is the rest. */
const [MIN_AT, MAX_AT, SUM_AT, HISTOGRAM_AT] = [0, 1, 2, 3];

/** The probes of one server in one minute, while it lasts. Adding one costs next to nothing: thousands come a second. */
export class MinuteOfProbes {
  /** Begin of the minute, epoch milliseconds. */
  readonly at: number;
  readonly #samples: LatencySample[] | null;
  /** All in one place: with thousands of servers none of it is in the processor's cache when the next probe comes. */
  readonly #numbers = new Float64Array(HISTOGRAM_AT + HISTOGRAM_BUCKETS);
  #count = 0;
  #failures = 0;

  /** With `isSampled` single probes are kept too. */
  constructor(at: number, isSampled: boolean) {
    this.at = at;
    this.#samples = isSampled ? [] : null;
    this.#numbers[MIN_AT] = Infinity;
    this.#numbers[MAX_AT] = -Infinity;
  }

  /** `latencyMs` is null for a failure. */
  add(at: number, latencyMs: number | null): void {
    this.#count += 1;
    if (this.#samples !== null && this.#samples.length < MAX_SAMPLES) {
      this.#samples.push({ offsetMs: Math.min(MINUTE_MS - 1, Math.max(0, Math.floor(at - this.at))), latencyMs });
    }
    if (latencyMs === null) {
      this.#failures += 1;
      return;
    }
    const numbers = this.#numbers;
    const bucket = HISTOGRAM_AT + bucketOf(latencyMs);
    numbers[bucket] = (numbers[bucket] ?? 0) + 1;
    numbers[MIN_AT] = Math.min(numbers[MIN_AT] ?? 0, latencyMs);
    numbers[MAX_AT] = Math.max(numbers[MAX_AT] ?? 0, latencyMs);
    numbers[SUM_AT] = (numbers[SUM_AT] ?? 0) + latencyMs;
  }

  result(server: string): MinuteOfServer {
    const hasSuccess = this.#count > this.#failures;
    const [minMs = 0, maxMs = 0, sumMs = 0] = this.#numbers;
    return {
      ...{ server, at: this.at, samples: this.#samples === null ? null : encodeSamples(this.#samples) },
      stats: {
        ...{ count: this.#count, failures: this.#failures, sumMs },
        minMs: hasSuccess ? minMs : null,
        maxMs: hasSuccess ? maxMs : null,
        histogram: encodeHistogram(new Uint32Array(this.#numbers.subarray(HISTOGRAM_AT))),
      },
    };
  }
}
