import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { StageOptions } from '../image-store.ts';

/** Takes a source in pieces of a bounded size, ends it at a byte limit, and leaves it when the signal says so. */
export class LimitedBody {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #options: StageOptions;
  readonly #aborted: Promise<never> | null;
  #onAbort: (() => void) | null = null;
  #sizeBytes = 0;
  #isAtEnd = false;

  constructor(source: AsyncIterable<Uint8Array>, options: StageOptions) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#options = options;
    this.#aborted = this.#listen(options.signal);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Whether who has taken chunks and is done with them may free them. */
  get freesChunks(): boolean {
    return this.#options.freesChunks === true;
  }

  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** The next chunks, together `gatherBytes` or one chunk more; none at the end. Throws FILE_TOO_LARGE past the limit. */
  async gather(gatherBytes: number): Promise<Uint8Array[]> {
    const chunks: Uint8Array[] = [];
    for (let gathered = 0; gathered < gatherBytes && !this.#isAtEnd;) {
      const step = await this.#next();
      if (step.done === true) {
        this.#isAtEnd = true;
      } else if (step.value.length > 0) {
        this.#sizeBytes += step.value.length;
        if (this.#sizeBytes > this.#options.maxBytes) {
          throw new FleetError('FILE_TOO_LARGE', `the file has more than ${String(this.#options.maxBytes)} bytes`);
        }
        gathered += step.value.length;
        chunks.push(step.value);
      }
    }
    return chunks;
  }

  /**
   * Lets the source go when it was not read to its end. Nobody waits for it: a source that hangs would hang us, and
   * what it says after we left concerns nobody.
   */
  release(): void {
    if (this.#onAbort !== null) this.#options.signal?.removeEventListener('abort', this.#onAbort);
    if (!this.#isAtEnd) this.#iterator.return?.().catch(() => undefined);
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    return this.#aborted === null ? this.#iterator.next() : Promise.race([this.#aborted, this.#iterator.next()]);
  }

  #listen(signal: AbortSignal | undefined): Promise<never> | null {
    if (signal === undefined) return null;
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => {
      const reason: unknown = signal.reason;
      reject(
        reason instanceof FleetError
          ? reason
          : new FleetError('BODY_MALFORMED', 'the sender went away', { cause: reason }),
      );
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    this.#onAbort = onAbort;
    // It may be rejected while nobody reads, during a write; the next read sees it.
    promise.catch(() => undefined);
    return promise;
  }
}
