import { createHistogram } from 'node:perf_hooks';
import { DueQueue, type Plan } from './due-queue.ts';

/** Probes that are due within this time begin together: waking up for each of thousands a second would cost more than they. */
const GRAIN_MS = 20;
/** So many begin in one turn of the event loop, so that answers are read between them. */
const MAX_A_TURN = 64;
/** A schedule that wakes so late was not run at all: the machine slept, or the process was stopped. */
const SLEPT_MS = 1000;
/** What has become due while it slept begins spread over as much time, and this at most. */
const MAX_SPREAD_MS = 2000;
/** A timer for longer fires at once (Node), so what is further away takes several. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const MICROSECONDS = 1000;
/** Longer delays count as this one: about an hour, in microseconds. */
const HIGHEST_LAG = 3_600_000_000;

export interface ProbeScheduleOptions<P extends Plan> {
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
  /**
   * Begins a probe, and returns at once: what it waits for is not this schedule's. `dueAtMs` is what was planned.
   */
  readonly onDue: (plan: P, dueAtMs: number) => void;
}

/** How late probes began, in milliseconds. */
export interface ScheduleLag {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/**
 * Says when each probe is to begin. It knows nothing of how probes end, so nothing that servers do can delay it: there are
 * no places that slow ones could keep. One timer for all.
 */
export class ProbeSchedule<P extends Plan> {
  readonly #options: ProbeScheduleOptions<P>;
  readonly #queue = new DueQueue<P>();
  readonly #lag = createHistogram({ lowest: 1, highest: HIGHEST_LAG, figures: 3 });
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires; infinite while there is none. */
  #firesAtMs = Infinity;
  #lastFiredAtMs = -Infinity;
  #isRunning = false;

  constructor(options: ProbeScheduleOptions<P>) {
    this.#options = options;
  }

  /** It is due then, once, in place of what was planned for it. What lies in the past is due now. */
  plan(plan: P, dueAtMs: number): void {
    this.#queue.put(plan, dueAtMs);
    this.#arm();
  }

  start(): void {
    this.#isRunning = true;
    this.#arm();
  }

  /** Nothing becomes due after it; what is planned stays planned. */
  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    this.#firesAtMs = Infinity;
  }

  /** Since it was asked last. */
  lag(): ScheduleLag {
    const { count } = this.#lag;
    const ms = (microseconds: number): number => (count === 0 ? 0 : microseconds / MICROSECONDS);
    const lag = { p50Ms: ms(this.#lag.percentile(50)), p99Ms: ms(this.#lag.percentile(99)), maxMs: ms(this.#lag.max) };
    this.#lag.reset();
    return { count, ...lag };
  }

  /** Sets the timer to the first plan, unless it is set to that or earlier already. */
  #arm(): void {
    const nextAtMs = this.#queue.nextAtMs;
    if (!this.#isRunning || nextAtMs === undefined) return;
    const atMs = Math.max(nextAtMs, this.#lastFiredAtMs + GRAIN_MS);
    if (atMs >= this.#firesAtMs) return;
    clearTimeout(this.#timer);
    this.#firesAtMs = atMs;
    const inMs = Math.max(0, Math.ceil(atMs - this.#options.monotonic()));
    this.#timer = setTimeout(() => this.#fire(), Math.min(inMs, MAX_TIMER_MS));
  }

  #fire(): void {
    const nowMs = this.#options.monotonic();
    const lateMs = nowMs - this.#firesAtMs;
    this.#firesAtMs = Infinity;
    this.#lastFiredAtMs = nowMs;
    if (lateMs > SLEPT_MS) this.#spread(nowMs, Math.min(lateMs, MAX_SPREAD_MS));
    this.#begin(nowMs);
  }

  #begin(nowMs: number): void {
    try {
      for (let count = 0; count < MAX_A_TURN; count += 1) {
        const due = this.#queue.takeDue(nowMs);
        if (due === undefined) return;
        const lateMs = this.#options.monotonic() - due.dueAtMs;
        this.#lag.record(Math.min(Math.max(1, Math.round(lateMs * MICROSECONDS)), HIGHEST_LAG));
        this.#options.onDue(due, due.dueAtMs);
      }
      this.#lastFiredAtMs = -Infinity;
    } finally {
      this.#arm();
    }
  }

  /** What is overdue keeps its order, and is due again one after the other. */
  #spread(nowMs: number, overMs: number): void {
    const overdue: P[] = [];
    for (;;) {
      const due = this.#queue.takeDue(nowMs);
      if (due === undefined) break;
      overdue.push(due);
    }
    for (const [index, plan] of overdue.entries()) this.#queue.put(plan, nowMs + (overMs * index) / overdue.length);
  }
}
