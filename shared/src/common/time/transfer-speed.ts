/** Speeds are of the last seconds: an hour's mean would tell nothing of the line as it is now. */
const WINDOW_MS = 10_000;
const MIN_GAP_MS = 250;
/** Below it a speed would be a guess. */
const MIN_SPAN_MS = 1000;
/**
 * What a file costs beside its bytes, counted as bytes. Without it ten thousand small files after a large one would be
 * announced as nearly done.
 */
const FILE_COST_BYTES = 32 * 1024;

/** Counters that only rise. */
interface Moved {
  readonly bytes: number;
  readonly files: number;
}

interface Sample extends Moved {
  readonly at: number;
}

/** Speed and remaining time from what has moved. Times are milliseconds of any clock. */
export class TransferSpeed {
  #samples: Sample[] = [];

  note(at: number, { bytes, files }: Moved): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && at - last.at < MIN_GAP_MS) return;
    this.#samples.push({ at, bytes, files });
    // One sample from before the window stays as its edge.
    while ((this.#samples[1]?.at ?? at) <= at - WINDOW_MS) this.#samples.shift();
  }

  /** After a pause: what was before it says nothing. */
  reset(): void {
    this.#samples = [];
  }

  /** Null until there is enough to tell. */
  bytesPerSecond(): number | null {
    const span = this.#span();
    return span === null ? null : span.bytes / span.seconds;
  }

  /** Null until there is enough to tell. */
  filesPerSecond(): number | null {
    const span = this.#span();
    return span === null ? null : span.files / span.seconds;
  }

  /** Null when it cannot be told: too early, or nothing moves. */
  secondsFor(left: Moved): number | null {
    const span = this.#span();
    if (span === null) return null;
    const moved = span.bytes + span.files * FILE_COST_BYTES;
    return moved <= 0 ? null : ((left.bytes + left.files * FILE_COST_BYTES) / moved) * span.seconds;
  }

  #span(): (Moved & { readonly seconds: number }) | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < MIN_SPAN_MS) return null;
    return {
      bytes: last.bytes - first.bytes,
      files: last.files - first.files,
      seconds: (last.at - first.at) / 1000,
    };
  }
}
