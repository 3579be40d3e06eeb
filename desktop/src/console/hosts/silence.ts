/** As the server's heartbeat is (docs/api.md, Events), until it has told its own. */
const BEAT_MS = 15_000;
const MISSED_BEATS = 2;
/** On the way each beat may come a little later than the one before. */
const LATE_MS = 2000;
/** A new connection may hang as well: packets to a machine without power are answered by nobody. */
const OPENING_MS = 10_000;

/** Tells when nothing has been heard for so long that the other side must be gone. */
export class Silence {
  readonly #onSilence: () => void;
  #beatMs = BEAT_MS;
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
    this.#wait(MISSED_BEATS * beatMs + LATE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onSilence, ms);
  }
}
