/** So many milliseconds' worth may go at once after a while of silence, which also makes up for timers that come late. */
const BURST_MS = 250;
/** Grants a second at least, so that a low limit is a thin stream and not a burst after a long silence. */
const GRANTS_PER_SECOND = 8;
const MAX_GRANT_BYTES = 64 * 1024;

export interface ByteRateClock {
  /** Milliseconds of a clock that does not jump. */
  now(): number;
  /** Returns its own cancel. */
  setTimer(run: () => void, ms: number): () => void;
}

interface Waiter {
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly grant: (bytes: number) => void;
  readonly onAbort: () => void;
}

/**
 * A token bucket through which the bytes of all files flow: at most so many a second, all requests together. They are
 * served in turn, a small piece each, so that none starves. A new limit holds from the next piece on.
 */
export class ByteRate {
  readonly #clock: ByteRateClock;
  readonly #waiting = new Set<Waiter>();
  #bytesPerSecond = 0;
  #tokens = 0;
  #filledAt = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: ByteRateClock) {
    this.#clock = clock;
  }

  /** Bytes a second; 0: no limit. */
  set limit(bytesPerSecond: number) {
    if (!Number.isFinite(bytesPerSecond) || bytesPerSecond < 0) throw new RangeError('a limit is a number from 0');
    // What was earned under the old limit stays, as far as the new one would have let it.
    this.#refill();
    this.#bytesPerSecond = bytesPerSecond;
    this.#serve();
  }

  get limit(): number {
    return this.#bytesPerSecond;
  }

  /** How many of `bytes` may go out now, at least one; waits until then. Rejects with the signal's reason. */
  readonly take = async (bytes: number, signal: AbortSignal): Promise<number> => {
    signal.throwIfAborted();
    if (this.#bytesPerSecond === 0) return bytes;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        ...{ bytes, signal, grant: resolve },
        onAbort: () => {
          this.#waiting.delete(waiter);
          reject(signal.reason as Error);
        },
      };
      signal.addEventListener('abort', waiter.onAbort, { once: true });
      this.#waiting.add(waiter);
      this.#serve();
    });
  };

  #serve(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#refill();
    for (const waiter of this.#waiting) {
      const piece = Math.min(waiter.bytes, this.#piece());
      if (this.#bytesPerSecond > 0 && this.#tokens < piece) {
        const ms = ((piece - this.#tokens) / this.#bytesPerSecond) * 1000;
        this.#cancelTimer = this.#clock.setTimer(() => this.#serve(), Math.ceil(ms));
        return;
      }
      this.#tokens -= piece;
      this.#waiting.delete(waiter);
      waiter.signal.removeEventListener('abort', waiter.onAbort);
      waiter.grant(piece);
    }
  }

  /** What one waiter gets at once. */
  #piece(): number {
    if (this.#bytesPerSecond === 0) return Infinity;
    return Math.min(MAX_GRANT_BYTES, Math.max(1, Math.floor(this.#bytesPerSecond / GRANTS_PER_SECOND)));
  }

  #burst(): number {
    return Math.max(1, (this.#bytesPerSecond * BURST_MS) / 1000);
  }

  #refill(): void {
    const now = this.#clock.now();
    const earned = ((now - this.#filledAt) / 1000) * this.#bytesPerSecond;
    this.#filledAt = now;
    this.#tokens = Math.min(this.#burst(), this.#tokens + earned);
  }
}
