/** Deadlines that fall within this time end together: what ends late by so little is no worse for it. */
const GRAIN_MS = 20;
/** A timer that fires later than this tells that this process did not run, not that others were slow. */
const STALL_MS = 100;

/** Something that has to end by a time. It is a place in the list of `Deadlines`, so that none is made for each. */
export abstract class Deadline {
  endsAtMs = 0;
  /** What a stall of this process may give back; once, so that nothing goes on for ever. */
  graceMs = 0;
  previous: Deadline | undefined;
  next: Deadline | undefined;

  /** The time is over, or, with `isStopping`, whoever keeps the deadlines stops. Called once at most. */
  abstract expire(isStopping: boolean): void;
}

/** The two ends of the list. */
class Border extends Deadline {
  override expire(): void {
    throw new Error('the ends of the list have no deadline');
  }
}

/**
 * The deadlines of all probes under one timer: most are taken back long before they end, and a timer for each would cost
 * more. Monotonic milliseconds. What had arrived before a deadline counts, even if this process was too busy to read it:
 * sockets are read once more before anything expires, and time in which the process stood still is given back, once and
 * up to the whole time of a deadline.
 *
 * They are linked by hand. A Set that thousands enter and leave each second is rebuilt all the time, and V8 keeps what the
 * old tables of it named until its next full collection: that doubled the cost of a probe in garbage.
 */
export class Deadlines {
  readonly #monotonic: () => number;
  readonly #first = new Border();
  readonly #last = new Border();
  #timer: NodeJS.Timeout | undefined;
  #firesAtMs = Infinity;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#first.next = this.#last;
    this.#last.previous = this.#first;
  }

  /** `nowMs` is for whoever has just read the clock. */
  add(deadline: Deadline, inMs: number, nowMs = this.#monotonic()): void {
    deadline.endsAtMs = nowMs + inMs;
    deadline.graceMs = inMs;
    this.#insert(deadline);
    if (deadline.endsAtMs < this.#firesAtMs) this.#arm(deadline.endsAtMs);
  }

  /** Does nothing when it is not in the list. */
  remove(deadline: Deadline): void {
    const { previous, next } = deadline;
    if (previous === undefined || next === undefined) return;
    previous.next = next;
    next.previous = previous;
    deadline.previous = undefined;
    deadline.next = undefined;
  }

  /** Ends all of them now. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#firesAtMs = Infinity;
    for (const deadline of this.#all()) this.#expire(deadline, true);
  }

  /** In the order of their ends. Nearly all have the same time, so that the place is found at once, at the end. */
  #insert(deadline: Deadline): void {
    let previous = this.#last.previous;
    while (previous !== undefined && previous.endsAtMs > deadline.endsAtMs) previous = previous.previous;
    const before = previous ?? this.#first;
    deadline.previous = before;
    deadline.next = before.next;
    if (before.next !== undefined) before.next.previous = deadline;
    before.next = deadline;
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
    if (lateMs > STALL_MS) this.#giveBack(nowMs, lateMs);
    for (;;) {
      const first = this.#first.next;
      if (first === undefined || first === this.#last) return;
      if (first.endsAtMs > nowMs) {
        if (first.endsAtMs < this.#firesAtMs) this.#arm(first.endsAtMs);
        return;
      }
      this.#expire(first, false);
    }
  }

  #giveBack(nowMs: number, lateMs: number): void {
    for (const deadline of this.#all()) {
      this.remove(deadline);
      deadline.endsAtMs = Math.max(deadline.endsAtMs, nowMs + Math.min(lateMs, deadline.graceMs));
      deadline.graceMs = 0;
      this.#insert(deadline);
    }
  }

  /** Only what is still in the list: one that ends may take others with it. */
  #expire(deadline: Deadline, isStopping: boolean): void {
    if (deadline.next === undefined) return;
    this.remove(deadline);
    deadline.expire(isStopping);
  }

  /** A copy, since the list changes while it is gone through; at most one for each probe that runs. */
  #all(): readonly Deadline[] {
    const all: Deadline[] = [];
    for (let one = this.#first.next; one !== undefined && one !== this.#last; one = one.next) all.push(one);
    return all;
  }
}
