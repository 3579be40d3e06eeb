import type { LedgerState } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Replication } from '#replication/replication.ts';
import type { Catalog } from '#store/catalog.ts';

const REPLAYED_STATES: readonly LedgerState[] = ['failed', 'parked', 'dead'];

export interface ReplayNowDeps {
  readonly catalog: Pick<Catalog, 'summarize'>;
  readonly replication: Pick<Replication, 'replay' | 'onSettled'>;
  /** Longest time that one call waits; do.ashx promises at most 60 s. */
  readonly maxWaitMs: number;
}

/** Tries every failed, parked and dead delivery of this server now, as the old program's plan did, and waits for the outcome. */
export async function replayNow(
  deps: ReplayNowDeps,
  signal: AbortSignal,
): Promise<{ replayed: number; remaining: number }> {
  const waiting = new Set<number>();
  const settledEarly = new Map<number, boolean>();
  let replayed = 0;
  let areIdsKnown = false;
  const allSettled = Promise.withResolvers<undefined>();
  const settle = (id: number, isDelivered: boolean): void => {
    if (!waiting.delete(id)) return;
    if (isDelivered) replayed += 1;
    if (waiting.size === 0) allSettled.resolve(undefined);
  };
  const finish = (): void => {
    allSettled.resolve(undefined);
  };
  const unsubscribe = deps.replication.onSettled((settled) => {
    for (const { id, state } of settled) {
      // Back to pending is no outcome: the delivery is still on its way.
      if (state === 'pending') continue;
      if (areIdsKnown) settle(id, state === 'delivered');
      else settledEarly.set(id, state === 'delivered');
    }
  });
  const timer = setTimeout(finish, deps.maxWaitMs);
  signal.addEventListener('abort', finish, { once: true });
  try {
    // Probes have their own timeouts, but the promise of the call is about everything together.
    const outcome = await Promise.race([deps.replication.replay({ states: REPLAYED_STATES }), allSettled.promise]);
    for (const id of outcome?.ids ?? []) waiting.add(id);
    areIdsKnown = true;
    for (const [id, isDelivered] of settledEarly) settle(id, isDelivered);
    if (waiting.size > 0 && !signal.aborted) await allSettled.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', finish);
    unsubscribe();
  }
  const groups = await deps.catalog.summarize();
  return { replayed, remaining: groups.reduce((sum, { count }) => sum + count, 0) };
}
