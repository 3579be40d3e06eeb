import type { FleetError } from '#common/errors/fleet-error.ts';

export interface GateLimits {
  readonly running: number;
  readonly waiting: number;
  readonly maxWaitMs: number;
}

/** Bounds the work that runs at the same time; what is above that waits in order, and what is above that is refused. */
export class Gate {
  readonly #limits: GateLimits;
  readonly #refusal: () => FleetError;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  /** `refusal` makes the error for who has waited too long, or finds no place to wait. */
  constructor(limits: GateLimits, refusal: () => FleetError) {
    this.#limits = limits;
    this.#refusal = refusal;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#limits.running) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.size >= this.#limits.waiting) throw this.#refusal();
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(enter);
        reject(this.#refusal());
      }, this.#limits.maxWaitMs);
      this.#waiting.add(enter);
    });
  }

  /** The place goes straight to the next in line, so that a newcomer cannot slip in between. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
