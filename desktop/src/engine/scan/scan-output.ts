import type { PassReason } from '#bridge/engine-words.ts';
import type { FoundFile } from '../queue/queue-item.ts';

export interface PassedOver {
  /** Absolute. */
  readonly file: string;
  /** As in FoundFile. */
  readonly path: string;
  readonly reason: PassReason;
}

/** At most SCAN_BATCH of each. */
export interface ScanBatch {
  readonly found: readonly FoundFile[];
  readonly passedOver: readonly PassedOver[];
}

/** So few that adding them to the queue holds up the event loop for some milliseconds only. */
export const SCAN_BATCH = 500;

/** Gathers what a scan comes upon until it is a batch. */
export class ScanOutput {
  readonly #found: FoundFile[] = [];
  readonly #passedOver: PassedOver[] = [];

  find(file: FoundFile): void {
    this.#found.push(file);
  }

  pass({ file, path }: { readonly file: string; readonly path: string }, reason: PassReason): void {
    this.#passedOver.push({ file, path, reason });
  }

  /** There is a whole batch of what was passed over, or of what was found. */
  get isFull(): boolean {
    return this.#found.length >= SCAN_BATCH || this.#passedOver.length >= SCAN_BATCH;
  }

  *fullBatches(): Generator<ScanBatch> {
    while (this.isFull) yield this.#take();
  }

  *rest(): Generator<ScanBatch> {
    while (this.#found.length > 0 || this.#passedOver.length > 0) yield this.#take();
  }

  #take(): ScanBatch {
    return { found: this.#found.splice(0, SCAN_BATCH), passedOver: this.#passedOver.splice(0, SCAN_BATCH) };
  }
}
