import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { DeliveryEvent } from '@imagefleet/shared/common/delivery/step.ts';
import type { DueDelivery } from '#store/catalog.ts';
import { encodeBatch } from './batch-encoder.ts';
import type { EntryOutcome } from './batch-manifest.ts';
import { concernsPeer, parkingCauseOf } from './breaker.ts';
import type { PeerClient } from './peer-client.ts';
import { peerCodeOf } from './peer-errors.ts';
import type { PeerLedger } from './peer-ledger.ts';
import type { PeerWatch } from './peer-watch.ts';
import {
  closeBodies,
  judgeMismatch,
  preparePushes,
  type PreparationDeps,
  type PreparedPush,
  type PushVerdict,
} from './push-preparation.ts';

export interface PushLaneDeps extends PreparationDeps {
  readonly client: Pick<PeerClient, 'push'>;
  readonly watch: Pick<PeerWatch, 'pushFailed'>;
  readonly ledger: Pick<PeerLedger, 'settle'>;
  readonly signal: AbortSignal;
}

/** Sends one batch and writes down how it ended. Deliveries of a push that `signal` cut stay as they are. */
export async function pushBatch(due: readonly DueDelivery[], deps: PushLaneDeps): Promise<void> {
  const { ready, verdicts } = await preparePushes(due, deps);
  const delivered = ready.length === 0 ? [] : await deliver(ready, deps);
  await deps.ledger.settle([...verdicts, ...delivered]);
}

async function deliver(ready: readonly PreparedPush[], deps: PushLaneDeps): Promise<readonly PushVerdict[]> {
  try {
    const outcomes = await deps.client.push(encodeBatch(ready), ready.length, deps.signal);
    const verdicts: PushVerdict[] = [];
    for (const [index, { delivery }] of ready.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) verdicts.push(await verdictOf(delivery, outcome, deps));
    }
    return verdicts;
  } catch (error) {
    if (deps.signal.aborted) return [];
    if (!(error instanceof FleetError)) throw error;
    return await verdictsOfFailure(ready, error, deps);
  } finally {
    await closeBodies(ready);
  }
}

async function verdictOf(delivery: DueDelivery, outcome: EntryOutcome, deps: PushLaneDeps): Promise<PushVerdict> {
  if (outcome.outcome === 'stored') return { delivery, event: { kind: 'stored' } };
  if (outcome.outcome !== 'error') return { delivery, event: { kind: 'alreadyThere' } };
  const cause: DeliveryCause = { code: peerCodeOf(outcome.error.code), message: outcome.error.message };
  if (cause.code === 'DIGEST_MISMATCH') return { delivery, event: await judgeMismatch(delivery, cause, deps) };
  return { delivery, event: await eventOf(cause, deps) };
}

/** The batch as a whole had no answer, or was refused. */
async function verdictsOfFailure(
  ready: readonly PreparedPush[],
  { code, message }: FleetError,
  deps: PushLaneDeps,
): Promise<readonly PushVerdict[]> {
  const cause: DeliveryCause = { code, message };
  if (code === 'OWN_COPY_DAMAGED') {
    return Promise.all(
      ready.map(async ({ delivery }) => ({ delivery, event: await judgeMismatch(delivery, cause, deps) })),
    );
  }
  const event = await eventOf(cause, deps);
  return ready.map(({ delivery }) => ({ delivery, event }));
}

/** The breaker decides: a peer that is down or refuses parks the delivery, one that is fine has only failed once. */
async function eventOf(cause: DeliveryCause, deps: PushLaneDeps): Promise<DeliveryEvent> {
  const parkedBy = concernsPeer(cause.code) ? parkingCauseOf(await deps.watch.pushFailed(cause)) : null;
  return parkedBy === null ? { kind: 'retryableFailure', cause } : { kind: 'peerDown', cause: parkedBy };
}
