const SIZE = 256;

/** When any server answered, for as long back as a silent one is in doubt. Answers close to each other count as one. */
export class RecentAnswers {
  readonly #apartMs: number;
  readonly #times: number[] = [];
  #next = 0;
  #latestMs = -Infinity;
  #notedMs = -Infinity;

  /** `apartMs`: answers closer than this are not told apart. */
  constructor(apartMs: number) {
    this.#apartMs = apartMs;
  }

  add(nowMs: number): void {
    this.#latestMs = nowMs;
    if (nowMs - this.#notedMs < this.#apartMs) return;
    this.#notedMs = nowMs;
    this.#times[this.#next] = nowMs;
    this.#next = (this.#next + 1) % SIZE;
  }

  hasBetween(fromMs: number, toMs: number): boolean {
    if (this.#latestMs < fromMs) return false;
    return this.#latestMs <= toMs || this.#times.some((ms) => ms >= fromMs && ms <= toMs);
  }
}
