import type { Reachability } from '@imagefleet/shared/common/health/verdict.ts';

/** Who waits for news of a server. Bounded by its callers, who wait once per push or command. */
export class Settling {
  readonly #reachability: (name: string) => Reachability;
  readonly #waiting = new Map<string, Set<(isProbe: boolean) => void>>();

  constructor(reachability: (name: string) => Reachability) {
    this.#reachability = reachability;
  }

  /** Resolves when the server is not in doubt (any more), or when the signal fires. */
  async settled(name: string, signal: AbortSignal): Promise<Reachability> {
    while (this.#reachability(name) === 'doubted' && !signal.aborted) {
      await this.#news(name, signal, false);
    }
    return this.#reachability(name);
  }

  /** Resolves after the next probe of the server, or when the signal fires. */
  seen(name: string, signal: AbortSignal): Promise<void> {
    return this.#news(name, signal, true);
  }

  changed(name: string): void {
    this.#wake(name, false);
  }

  noteSeen(name: string): void {
    this.#wake(name, true);
  }

  endAll(): void {
    for (const name of [...this.#waiting.keys()]) this.#wake(name, true);
  }

  #news(name: string, signal: AbortSignal, isAfterProbe: boolean): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting);
      const end = (): void => {
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const wake = (isProbe: boolean): void => {
        if (isProbe || !isAfterProbe) end();
      };
      waiting.add(wake);
      signal.addEventListener('abort', end);
    });
  }

  #wake(name: string, isProbe: boolean): void {
    for (const wake of [...(this.#waiting.get(name) ?? [])]) wake(isProbe);
  }
}
