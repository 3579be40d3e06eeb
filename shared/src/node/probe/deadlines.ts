/** Deadlines that fall within this time end together: what ends late by so little is no worse for it. */
const GRAIN_MS = 20;
/** A timer that fires later than this tells that this process did not run, not that others were slow. */
const STALL_MS = 100;

/** One deadline; made by `Deadlines.add`. */
export interface Deadline {
  endsAtMs: number;
  readonly lastAtMs: number;
  readonly expire: () => void;
}

/**
 * The deadlines of all probes under one timer: most are taken back long before they end, and a timer for each would cost
 * more than everything else a probe does here. Monotonic milliseconds. What had arrived before a deadline counts, even
 * if this process was too busy to read it: sockets are read once more before anything expires, and time in which the
 * process stood still is given back, up to once the whole time of a deadline.
 */
export class Deadlines {
  readonly #monotonic: () => number;
  readonly #open = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;
  #firesAtMs = Infinity;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  get size(): number {
    return this.#open.size;
  }

  add(inMs: number, expire: () => void): Deadline {
    const endsAtMs = this.#monotonic() + inMs;
    const deadline: Deadline = { endsAtMs, lastAtMs: endsAtMs + inMs, expire };
    this.#open.add(deadline);
    if (endsAtMs < this.#firesAtMs) this.#arm(endsAtMs);
    return deadline;
  }

  remove(deadline: Deadline): void {
    this.#open.delete(deadline);
  }

  /** Ends all of them now. */
  expireAll(): void {
    clearTimeout(this.#timer);
    this.#firesAtMs = Infinity;
    for (const deadline of [...this.#open]) {
      if (this.#open.delete(deadline)) deadline.expire();
    }
  }

  #arm(atMs: number): void {
    clearTimeout(this.#timer);
    this.#firesAtMs = atMs;
    const nowMs = this.#monotonic();
    const inMs = Math.max(Math.ceil(atMs - nowMs), GRAIN_MS);
    const fire = (): void => {
      const lateMs = this.#monotonic() - nowMs - inMs;
      // Immediates run after the sockets were polled: an answer that lay in the kernel during a stall is seen first.
      setImmediate(() => this.#sweep(lateMs));
    };
    // What waits for a deadline holds a socket or a look-up, which keep the process running for as long.
    this.#timer = setTimeout(fire, inMs).unref();
  }

  #sweep(lateMs: number): void {
    const nowMs = this.#monotonic();
    this.#firesAtMs = Infinity;
    let nextAtMs = Infinity;
    for (const deadline of this.#open) {
      if (lateMs > STALL_MS) deadline.endsAtMs = Math.min(deadline.endsAtMs + lateMs, deadline.lastAtMs);
      if (deadline.endsAtMs > nowMs) {
        nextAtMs = Math.min(nextAtMs, deadline.endsAtMs);
        continue;
      }
      this.#open.delete(deadline);
      deadline.expire();
    }
    if (nextAtMs < this.#firesAtMs) this.#arm(nextAtMs);
  }
}
