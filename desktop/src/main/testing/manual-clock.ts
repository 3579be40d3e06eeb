interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still until the test moves it. */
export class ManualClock {
  #now = 1_800_000_000_000;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#now;

  readonly setTimer = (run: () => void, ms: number): (() => void) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}
