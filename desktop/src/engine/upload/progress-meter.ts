import { TransferSpeed } from '@imagefleet/shared/common/time/transfer-speed.ts';
import type { UploadRate } from '#engine/report/forecast.ts';
import { OPEN_STATES, type QueueCounts } from '#engine/queue/queue-item.ts';

import { MeasuredRate } from './measured-rate.ts';

interface Standing {
  readonly counts: QueueCounts;
  readonly isPaused: boolean;
  readonly movedBytes: number;
  readonly bytesUnderWay: number;
}

export interface Progress {
  /** Null until there is enough to tell. */
  readonly bytesPerSecond: number | null;
  /** Null when it cannot be told. */
  readonly secondsLeft: number | null;
}

/** Speed and remaining time, from looks at the engine that are taken again and again. */
export class ProgressMeter {
  readonly #speed = new TransferSpeed();
  readonly #measured: MeasuredRate;
  #settled = 0;

  /** `known`: what an earlier run measured. */
  constructor(known: UploadRate | null) {
    this.#measured = new MeasuredRate(known);
  }

  /** For forecasts; null when nothing was measured ever. */
  get rate(): UploadRate | null {
    return this.#measured.rate;
  }

  /** `at`: milliseconds of any clock. */
  note(at: number, { counts, isPaused, movedBytes }: Standing): void {
    const settled = counts.done.files + counts.present.files + counts.failed.files;
    // Fewer than before: somebody tries again or clears the list, and the sums before it say nothing of the speed.
    if (isPaused || settled < this.#settled) this.#speed.reset();
    this.#settled = settled;
    if (isPaused) {
      this.#measured.pause();
      return;
    }
    this.#speed.note(at, { bytes: movedBytes, files: settled });
    this.#measured.note(at, { bytes: movedBytes, files: counts.done.files });
  }

  view({ counts, bytesUnderWay }: Standing): Progress {
    const left = OPEN_STATES.map((state) => counts[state]);
    const files = left.reduce((sum, state) => sum + state.files, 0);
    const bytes = left.reduce((sum, state) => sum + state.bytes, 0);
    return {
      bytesPerSecond: this.#speed.bytesPerSecond(),
      secondsLeft: files === 0 ? null : this.#speed.secondsFor({ files, bytes: Math.max(0, bytes - bytesUnderWay) }),
    };
  }
}
