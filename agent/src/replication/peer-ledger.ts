import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import { stepDelivery, type DeliveryPolicy, type DeliveryStep } from '@imagefleet/shared/common/delivery/step.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog, DeliveryFilter, DeliveryUpdate, FailureNote } from '#store/catalog.ts';
import type { PushVerdict } from './push-preparation.ts';
import type { SettledDelivery } from './replication.ts';

/** Replayed deliveries whose end is announced also when they are parked in bulk; beyond it nobody waits for each. */
const MAX_AWAITED = 10_000;
/** Ids that are looked up in one query. */
const LOOKUP_SLICE = 500;

export interface PeerLedgerDeps {
  readonly server: string;
  readonly catalog: Pick<Catalog, 'settle' | 'park' | 'requeue' | 'listDeliveries'>;
  readonly policy: () => DeliveryPolicy;
  readonly note: (notes: readonly FailureNote[]) => void;
  readonly announce: (settled: readonly SettledDelivery[]) => void;
  readonly logger: Logger;
}

/** The deliveries of one peer, as far as replication changes them: every transition is the state machine's. */
export class PeerLedger {
  readonly #deps: PeerLedgerDeps;
  readonly #awaited = new Set<number>();

  constructor(deps: PeerLedgerDeps) {
    this.#deps = deps;
  }

  /** Writes down how pushes ended, and announces it afterwards. */
  async settle(verdicts: readonly PushVerdict[]): Promise<void> {
    if (verdicts.length === 0) return;
    const { catalog, server, note, announce, logger } = this.#deps;
    const policy = this.#deps.policy();
    const updates: DeliveryUpdate[] = [];
    const settled: SettledDelivery[] = [];
    for (const { delivery, event } of verdicts) {
      const { id, path, version } = delivery;
      const step = stepDelivery({ ...delivery, state: 'inflight' }, event, policy);
      if (step === undefined) continue;
      updates.push({ id, version, to: updateOf(step) });
      // A row that a newer version replaced did not end: the newer one's row goes on for it.
      if (step.state === 'removed' || step.state === 'inflight') continue;
      settled.push({
        id,
        path,
        version,
        server,
        state: step.state,
        cause: step.state === 'delivered' ? null : step.cause,
      });
    }
    note(await catalog.settle(updates, policy.nowMs));
    for (const { delivery } of verdicts) this.#awaited.delete(delivery.id);
    logger.debug('replica.settled', countStates(settled));
    announce(settled);
  }

  /** pending and failed -> parked. */
  async park(cause: DeliveryCause): Promise<void> {
    const { catalog, server, note, policy } = this.#deps;
    note(await catalog.park(server, cause, policy().nowMs));
    await this.#announceParked();
  }

  /** parked -> pending: all, or the oldest `limit`. */
  async release(limit?: number): Promise<void> {
    const { catalog, server, logger } = this.#deps;
    const filter = { server, states: ['parked'] as const };
    const oldest = limit === undefined ? undefined : await catalog.listDeliveries({ ...filter, afterId: 0, limit });
    const ids = await catalog.requeue({ ...filter, ids: oldest?.map(({ id }) => id) });
    if (ids.length > 0) logger.info('replica.released', { count: ids.length });
  }

  /** What matches of this peer -> pending; the end of each is announced. */
  async replay(filter: DeliveryFilter): Promise<readonly number[]> {
    const { catalog, server } = this.#deps;
    const ids = await catalog.requeue({ ...filter, server });
    for (const id of ids) if (this.#awaited.size < MAX_AWAITED) this.#awaited.add(id);
    return ids;
  }

  async #announceParked(): Promise<void> {
    const { catalog, server, announce } = this.#deps;
    const awaited = [...this.#awaited];
    for (let start = 0; start < awaited.length; start += LOOKUP_SLICE) {
      const ids = awaited.slice(start, start + LOOKUP_SLICE);
      const rows = await catalog.listDeliveries({ server, ids, states: ['parked'], afterId: 0, limit: LOOKUP_SLICE });
      for (const { id } of rows) this.#awaited.delete(id);
      announce(rows.map(({ id, path, version, state, cause }) => ({ id, path, version, server, state, cause })));
    }
  }
}

function updateOf(step: DeliveryStep): DeliveryUpdate['to'] {
  switch (step.state) {
    case 'delivered':
    case 'removed':
      return { state: 'delivered' };
    case 'pending':
    case 'inflight':
      return { state: 'pending' };
    case 'failed': {
      const { attempts, nextAttemptAt, cause } = step;
      return { state: 'failed', attempts, nextAttemptAt, cause };
    }
    case 'parked':
    case 'dead':
      return { state: step.state, attempts: step.attempts, cause: step.cause };
  }
}

function countStates(settled: readonly SettledDelivery[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of settled) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
