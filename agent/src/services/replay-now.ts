import type { Replication } from '#replication/replication.ts';
import type { Catalog } from '#store/catalog.ts';
import { ReplayWatch } from './replay-watch.ts';

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
  const over = Promise.withResolvers<undefined>();
  const finish = (): void => {
    over.resolve(undefined);
  };
  const watch = new ReplayWatch(deps.replication, () => {
    if (watch.isOver) finish();
  });
  const timer = setTimeout(finish, deps.maxWaitMs);
  signal.addEventListener('abort', finish, { once: true });
  try {
    // Probes have their own timeouts, but the promise of the call is about everything together.
    const outcome = await Promise.race([deps.replication.replay({}), over.promise]);
    watch.expect(outcome?.ids ?? []);
    if (!watch.isOver && !signal.aborted) await over.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', finish);
    watch.close();
  }
  const groups = await deps.catalog.summarize();
  return { replayed: watch.counts.delivered, remaining: groups.reduce((sum, { count }) => sum + count, 0) };
}
