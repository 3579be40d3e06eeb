import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Knows what is going on, so that the engine ends only after it, and lets nothing begin any more when it ends. */
export class CallTracker {
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  /** Errors: SHUTTING_DOWN after `close`, and those of the work. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new FleetError('SHUTTING_DOWN', 'the engine is ending', { hint: 'Start it again.' });
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Returns when all that began has ended in some way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
  }
}
