import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import { stepDelivery, type DeliveryPolicy, type DeliveryStep } from '@imagefleet/shared/common/delivery/step.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog, DeliveryFilter, DeliveryUpdate, FailureNote } from '#store/catalog.ts';
import { OpenIds } from './open-ids.ts';
import type { PushVerdict } from './push-preparation.ts';
import type { SettledDelivery } from './replication.ts';

/** Replayed deliveries whose end is announced also when no push tells of it; beyond it nobody waits for each. */
const MAX_AWAITED = 1_000_000;
/** Ids that are looked up in one query. */
const LOOKUP_SLICE = 500;

export interface PeerLedgerDeps {
  readonly server: string;
  readonly catalog: Pick<Catalog, 'settle' | 'park' | 'requeue' | 'listDeliveries'>;
  readonly policy: () => DeliveryPolicy;
  /** Whether a push has the delivery in its hands and will say how it ended. */
  readonly isHeld: (id: number) => boolean;
  readonly note: (notes: readonly FailureNote[]) => void;
  readonly announce: (settled: readonly SettledDelivery[]) => void;
  readonly logger: Logger;
}

/** The deliveries of one peer, as far as replication changes them: every transition is the state machine's. */
export class PeerLedger {
  readonly #deps: PeerLedgerDeps;
  readonly #awaited = new OpenIds();

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
      if (step.state === 'inflight') continue;
      if (step.state === 'removed') {
        settled.push({ id, server, state: 'superseded' });
        continue;
      }
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
    for (const { delivery } of verdicts) this.#awaited.close(delivery.id);
    logger.debug('replica.settled', countStates(settled));
    announce(settled);
  }

  /** pending and failed -> parked. */
  async park(cause: DeliveryCause): Promise<void> {
    const { catalog, server, note, policy } = this.#deps;
    note(await catalog.park(server, cause, policy().nowMs));
    await this.announceEnded();
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
    this.#awaited.add(ids.slice(0, Math.max(0, MAX_AWAITED - this.#awaited.size)));
    return ids;
  }

  /** Announces the end of replayed deliveries that ended without a push: parked in bulk, or replaced by a newer version. */
  async announceEnded(): Promise<void> {
    const { catalog, server, announce, isHeld } = this.#deps;
    for (const slice of this.#awaited.slices(LOOKUP_SLICE)) {
      const ids = slice.filter((id) => !isHeld(id));
      const rows = await catalog.listDeliveries({ server, ids, afterId: 0, limit: LOOKUP_SLICE });
      const found = new Map(rows.map((row) => [row.id, row]));
      const settled = ids.flatMap((id): readonly SettledDelivery[] => {
        const row = found.get(id);
        // A push may have taken the row meanwhile and removed it: then it will tell.
        if ((row !== undefined && row.state !== 'parked') || isHeld(id) || !this.#awaited.close(id)) return [];
        if (row === undefined) return [{ id, server, state: 'superseded' }];
        const { path, version, state, cause } = row;
        return [{ id, path, version, server, state, cause }];
      });
      announce(settled);
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
