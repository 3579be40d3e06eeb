import type { Replication, ReplayOutcome } from '#replication/replication.ts';
import type { DeliveryFilter } from '#store/catalog.ts';
import { ReplayWatch } from './replay-watch.ts';

/** Replays that are told of at the same time; one above it is done all the same. */
const MAX_TOLD = 50;
/** Without any end for so long nobody is told any more, whatever holds the rest up. */
const QUIET_MS = 60 * 60_000;

/** How far a replay has come; it is over when `delivered` and `failed` together are `total`. */
export interface ReplayCounts {
  readonly kind: 'replay';
  readonly id: string;
  readonly total: number;
  readonly delivered: number;
  readonly failed: number;
}

export interface ReplayProgressDeps {
  readonly replication: Pick<Replication, 'replay' | 'onSettled'>;
  readonly publish: (counts: ReplayCounts) => void;
  readonly uuid: () => string;
}

/** Replays for operators: answers as soon as everything is queued, and tells how it goes on until everything has ended. */
export class ReplayProgress {
  readonly #deps: ReplayProgressDeps;
  readonly #ends = new Set<() => void>();

  constructor(deps: ReplayProgressDeps) {
    this.#deps = deps;
  }

  async replay(filter: DeliveryFilter): Promise<ReplayOutcome> {
    const { replication, publish, uuid } = this.#deps;
    if (this.#ends.size >= MAX_TOLD) return replication.replay(filter);
    const id = uuid();
    const end = (): void => {
      clearTimeout(quiet);
      watch.close();
      this.#ends.delete(end);
    };
    const quiet = setTimeout(end, QUIET_MS);
    const tell = (): void => {
      publish({ kind: 'replay', id, ...watch.counts });
      if (watch.isOver) end();
      else quiet.refresh();
    };
    const watch = new ReplayWatch(replication, tell);
    this.#ends.add(end);
    try {
      const outcome = await replication.replay(filter);
      watch.expect(outcome.ids);
      if (outcome.ids.length > 0 && this.#ends.has(end)) tell();
      else end();
      return outcome;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Tells nobody any more. */
  stop(): void {
    for (const end of this.#ends) end();
  }
}
