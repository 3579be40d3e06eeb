import { DEFAULT_BEAT_MS, OPENING_MS, silenceMs } from '@imagefleet/shared/common/operator/stream-silence.ts';

/** Tells when nothing has been heard for so long that the other side must be gone. */
export class Silence {
  readonly #onSilence: () => void;
  #beatMs = DEFAULT_BEAT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** A connection is being made. */
  opening(): void {
    this.#wait(OPENING_MS);
  }

  /** Something came, whatever it was. `beatMs`: something will come at least this often. */
  heard(beatMs = this.#beatMs): void {
    this.#beatMs = beatMs;
    this.#wait(silenceMs(beatMs));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onSilence, ms);
  }
}
