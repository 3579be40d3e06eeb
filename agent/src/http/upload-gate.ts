import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Requests that may wait for their turn, as a multiple of those that may run. */
const WAITING_PER_RUNNING = 8;

/** Bounds the uploads that are received at the same time; those above it wait in order, and above that are refused (RATE_LIMITED). */
export class UploadGate {
  readonly #limit: number;
  readonly #maxWaitMs: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limit: number, maxWaitMs = 30_000) {
    this.#limit = limit;
    this.#maxWaitMs = maxWaitMs;
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
    if (this.#running < this.#limit) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.size >= this.#limit * WAITING_PER_RUNNING) throw tooBusy();
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(enter);
        reject(tooBusy());
      }, this.#maxWaitMs);
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

function tooBusy(): FleetError {
  return new FleetError('RATE_LIMITED', 'This server receives as many uploads as it can at this moment.');
}
