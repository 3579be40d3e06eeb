import { TransferSpeed } from '@imagefleet/shared/common/time/transfer-speed.ts';
import type { UploadRate } from '#engine/report/forecast.ts';

/** What was measured an hour of uploading ago counts half. */
const HALF_LIFE_MS = 3_600_000;

/** Counters since the start. */
interface Moved {
  readonly bytes: number;
  /** Files that were sent; what the fleet had already is no work. */
  readonly files: number;
}

/**
 * What this line and this fleet can do, for the forecast of the next upload: the best seconds of late, of files and of bytes
 * each, because a run of small files tells nothing of bytes, nor one of large files of files.
 */
export class MeasuredRate {
  readonly #speed = new TransferSpeed();
  #rate: UploadRate | null;
  #notedAt: number | null = null;
  #files = 0;

  /** `known`: of an earlier run. */
  constructor(known: UploadRate | null) {
    this.#rate = known;
  }

  get rate(): UploadRate | null {
    return this.#rate;
  }

  /** `at`: milliseconds of any clock. */
  note(at: number, { bytes, files }: Moved): void {
    // Somebody cleared the list.
    if (files < this.#files) this.#speed.reset();
    this.#files = files;
    this.#speed.note(at, { bytes, files });
    const bytesPerSecond = this.#speed.bytesPerSecond() ?? 0;
    const filesPerSecond = this.#speed.filesPerSecond() ?? 0;
    if (bytesPerSecond <= 0 || filesPerSecond <= 0) {
      this.#notedAt = null;
      return;
    }
    const share = this.#notedAt === null ? 1 : 0.5 ** ((at - this.#notedAt) / HALF_LIFE_MS);
    this.#notedAt = at;
    const { rate } = this;
    this.#rate = {
      filesPerSecond: Math.max(filesPerSecond, (rate?.filesPerSecond ?? 0) * share),
      bytesPerSecond: Math.max(bytesPerSecond, (rate?.bytesPerSecond ?? 0) * share),
    };
  }

  /** After a pause: what was before it says nothing. */
  pause(): void {
    this.#speed.reset();
    this.#notedAt = null;
  }
}
