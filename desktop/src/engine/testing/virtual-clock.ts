import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteRateClock } from '#engine/upload/byte-rate.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still until the test moves it; timers run in the order of their time. */
export class VirtualClock implements ByteRateClock {
  #now = 1_800_000_000_000;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#now;

  readonly setTimer = (run: () => void, ms: number): (() => void) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  get timers(): number {
    return this.#timers.size;
  }

  /** Moves on, timer by timer; after each the promises that it settled have their turn. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      // Long chains of promises may hang on a timer; all of them end before the next turn of the loop.
      await nextTurn();
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}
