import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Trash } from '#store/trash.ts';

const EVERY_MS = 60 * 60_000;
/** Between two parts: deleting a million files must not keep the disk from uploads. */
const PAUSE_MS = 100;

export interface TrashSweepDeps {
  readonly trash: Trash;
  /** How long overwritten bytes stay. */
  readonly periodMs: number;
  readonly now: () => number;
  readonly logger: Logger;
}

/** Empties the trash of what has lain there long enough: at the start and every hour, in the background. */
export class TrashSweep {
  readonly #deps: TrashSweepDeps;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;

  constructor(deps: TrashSweepDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#run();
    this.#timer = setInterval(() => {
      this.#run();
    }, EVERY_MS);
  }

  /** Ends after the part that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped.abort();
    await this.#running;
  }

  /** One that still runs when the next is due takes its place. */
  #run(): void {
    const { logger } = this.#deps;
    this.#running ??= this.#sweep()
      .catch((error: unknown) => {
        logger.warn('trash.notEmptied', { error });
      })
      .finally(() => (this.#running = null));
  }

  async #sweep(): Promise<void> {
    const { trash, periodMs, now, logger } = this.#deps;
    const { signal } = this.#stopped;
    let count = 0;
    let failed = 0;
    let first: FleetError | undefined;
    for await (const { deleted, failures } of trash.empty(now() - periodMs)) {
      count += deleted;
      failed += failures.length;
      first ??= failures[0];
      // Cut short by the stop, which ends the loop too.
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
    }
    if (count > 0) logger.info('trash.emptied', { count });
    // One line for all of them: what ails the disk ails many files alike.
    if (first !== undefined) logger.warn('trash.notDeleted', { count: failed, error: first });
  }
}
