import { OpenIds } from '#replication/open-ids.ts';
import type { Replication, SettledDelivery } from '#replication/replication.ts';

/** Ends that are remembered while a replay probes its servers; those of other deliveries are among them. */
const MAX_EARLY = 50_000;

/**
 * Counts how the deliveries of one replay end. Made before the replay begins, because some may end before it answers
 * which they are. Always `close` it.
 */
export class ReplayWatch {
  readonly #unsubscribe: () => void;
  readonly #open = new OpenIds();
  #early: Map<number, SettledDelivery['state']> | undefined = new Map();
  #total = 0;
  #delivered = 0;
  #failed = 0;

  /** `onChanged` is called once for each announcement that counted, after `expect`. */
  constructor(replication: Pick<Replication, 'onSettled'>, onChanged: () => void) {
    this.#unsubscribe = replication.onSettled((settled) => {
      const counted = settled.filter(({ id, state }) => this.#settle(id, state));
      if (counted.length > 0) onChanged();
    });
  }

  /** What is counted from now on, and of what has ended already. */
  expect(ids: readonly number[]): void {
    const early = this.#early ?? new Map<number, SettledDelivery['state']>();
    this.#early = undefined;
    this.#total = ids.length;
    this.#open.add(ids);
    for (const [id, state] of early) this.#settle(id, state);
  }

  /** `total` falls when a newer version replaces an image: its copy is no longer this replay's. */
  get counts(): { readonly total: number; readonly delivered: number; readonly failed: number } {
    return { total: this.#total, delivered: this.#delivered, failed: this.#failed };
  }

  /** Whether everything that is expected has ended. */
  get isOver(): boolean {
    return this.#early === undefined && this.#open.size === 0;
  }

  close(): void {
    this.#unsubscribe();
    this.#early = undefined;
  }

  /** True when it counts. */
  #settle(id: number, state: SettledDelivery['state']): boolean {
    // Back to pending is no end: the delivery is still on its way.
    if (state === 'pending') return false;
    if (this.#early !== undefined) {
      if (this.#early.size < MAX_EARLY) this.#early.set(id, state);
      return false;
    }
    if (!this.#open.close(id)) return false;
    if (state === 'delivered') this.#delivered += 1;
    else if (state === 'superseded') this.#total -= 1;
    else this.#failed += 1;
    return true;
  }
}
