interface Miss<T> {
  readonly value: T;
  readonly endsAt: number;
}

export interface RecentMissesOptions {
  /** More than so many are not remembered: the oldest goes. */
  readonly limit: number;
  readonly forMs: number;
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number;
}

/** What was looked for everywhere a moment ago and not found, so that visitors with a dead link do not keep a fleet busy. */
export class RecentMisses<T> {
  readonly #options: RecentMissesOptions;
  readonly #misses = new Map<string, Miss<T>>();

  constructor(options: RecentMissesOptions) {
    this.#options = options;
  }

  add(key: string, value: T): void {
    const { limit, forMs, monotonic } = this.#options;
    this.#misses.delete(key);
    this.#misses.set(key, { value, endsAt: monotonic() + forMs });
    for (const oldest of this.#misses.keys()) {
      if (this.#misses.size <= limit) return;
      this.#misses.delete(oldest);
    }
  }

  get(key: string): T | undefined {
    const miss = this.#misses.get(key);
    if (miss === undefined) return undefined;
    if (miss.endsAt > this.#options.monotonic()) return miss.value;
    this.#misses.delete(key);
    return undefined;
  }

  get size(): number {
    return this.#misses.size;
  }
}
