const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** So many deaths in this time are no accident: starting it again and again would only hide what is wrong. */
const MAX_DEATHS = 5;
const WITHIN_MS = 60_000;

/** How long to wait before a process that died is started again. */
export class RestartBudget {
  #deaths: readonly number[] = [];

  /** Milliseconds; undefined when it died too often and is left alone. `now` in milliseconds of any clock. */
  died(now: number): number | undefined {
    this.#deaths = [...this.#deaths.filter((at) => now - at < WITHIN_MS), now];
    if (this.#deaths.length >= MAX_DEATHS) return undefined;
    return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#deaths.length - 1));
  }

  /** Somebody has changed something: what was before does not count. */
  forget(): void {
    this.#deaths = [];
  }
}
