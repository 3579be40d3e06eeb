import type { MinuteOfServer } from '#store/history/history-store.ts';
import { bucketOf, emptyHistogram, encodeHistogram } from '#store/history/latency-histogram.ts';
import { MINUTE_MS } from '#store/history/latency-levels.ts';
import { encodeSamples, type LatencySample } from '#store/history/latency-samples.ts';

/** Single probes of a minute; of a server that is probed more often, what comes later is in the statistics only. */
const MAX_SAMPLES = 300;

/** The probes of one server in one minute, while it lasts. Adding one costs next to nothing: thousands come a second. */
export class MinuteOfProbes {
  /** Begin of the minute, epoch milliseconds. */
  readonly at: number;
  readonly #samples: LatencySample[] | null;
  readonly #histogram = emptyHistogram();
  #count = 0;
  #failures = 0;
  #minMs = Infinity;
  #maxMs = -Infinity;
  #sumMs = 0;

  /** With `isSampled` single probes are kept too. */
  constructor(at: number, isSampled: boolean) {
    this.at = at;
    this.#samples = isSampled ? [] : null;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
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
    const bucket = bucketOf(latencyMs);
    this.#histogram[bucket] = (this.#histogram[bucket] ?? 0) + 1;
    this.#minMs = Math.min(this.#minMs, latencyMs);
    this.#maxMs = Math.max(this.#maxMs, latencyMs);
    this.#sumMs += latencyMs;
  }

  result(server: string): MinuteOfServer {
    const hasSuccess = this.#count > this.#failures;
    return {
      ...{ server, at: this.at, samples: this.#samples === null ? null : encodeSamples(this.#samples) },
      stats: {
        ...{ count: this.#count, failures: this.#failures, sumMs: this.#sumMs },
        minMs: hasSuccess ? this.#minMs : null,
        maxMs: hasSuccess ? this.#maxMs : null,
        histogram: encodeHistogram(this.#histogram),
      },
    };
  }
}
