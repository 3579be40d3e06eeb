import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { DeliveryEvent } from '@imagefleet/shared/common/delivery/step.ts';
import type { DueDelivery } from '#store/catalog.ts';
import { concernsPeer } from './admission.ts';
import { encodeBatch } from './batch-encoder.ts';
import type { EntryOutcome } from './batch-manifest.ts';
import type { PeerClient } from './peer-client.ts';
import { peerCodeOf } from './peer-errors.ts';
import type { FailureVerdict, PeerGate } from './peer-gate.ts';
import type { PeerLedger } from './peer-ledger.ts';
import {
  closeBodies,
  freeBodies,
  judgeMismatch,
  preparePushes,
  type PreparationDeps,
  type PreparedPush,
  type PushVerdict,
} from './push-preparation.ts';

export interface PushLaneDeps extends PreparationDeps {
  readonly client: Pick<PeerClient, 'push'>;
  readonly gate: Pick<PeerGate, 'pushFailed'>;
  readonly ledger: Pick<PeerLedger, 'settle'>;
  readonly signal: AbortSignal;
}

/** Sends one batch and writes down how it ended. Deliveries of a push that `signal` cut stay as they are. */
export async function pushBatch(due: readonly DueDelivery[], deps: PushLaneDeps): Promise<void> {
  const { ready, verdicts } = await preparePushes(due, deps);
  const delivered = ready.length === 0 ? [] : await deliver(ready, deps);
  await deps.ledger.settle([...verdicts, ...delivered]);
}

/** Whose failure a failure of the batch at hand is. */
type AskGate = (cause: DeliveryCause) => Promise<FailureVerdict>;

async function deliver(ready: readonly PreparedPush[], deps: PushLaneDeps): Promise<readonly PushVerdict[]> {
  const verdicts: PushVerdict[] = [];
  // Once for the whole batch: what befell 256 entries together is one failure of the peer, not 256.
  let asked: Promise<FailureVerdict> | undefined;
  const askGate: AskGate = (cause) => (asked ??= deps.gate.pushFailed(cause));
  const outcomes = await push(ready, deps);
  if (outcomes === undefined) return [];
  for (const [index, { delivery }] of ready.entries()) {
    const event =
      outcomes instanceof FleetError
        ? await eventOfFailure(delivery, { code: outcomes.code, message: outcomes.message }, deps, askGate)
        : await eventOfOutcome(delivery, outcomes[index], deps, askGate);
    if (event !== undefined) verdicts.push({ delivery, event });
  }
  return verdicts;
}

/** How each entry ended, or what befell all of them; undefined when we were stopped. */
async function push(
  ready: readonly PreparedPush[],
  { client, signal }: PushLaneDeps,
): Promise<readonly EntryOutcome[] | FleetError | undefined> {
  try {
    const outcomes = await client.push(encodeBatch(ready), ready.length, signal);
    freeBodies(ready);
    return outcomes;
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof FleetError)) throw error;
    return error;
  } finally {
    await closeBodies(ready);
  }
}

async function eventOfOutcome(
  delivery: DueDelivery,
  outcome: EntryOutcome | undefined,
  deps: PushLaneDeps,
  askGate: AskGate,
): Promise<DeliveryEvent | undefined> {
  switch (outcome?.outcome) {
    case undefined:
      return undefined;
    case 'stored':
      return { kind: 'stored' };
    case 'already':
    case 'older':
      return { kind: 'alreadyThere' };
    case 'error': {
      const { code, message } = outcome.error;
      return eventOfFailure(delivery, { code: peerCodeOf(code), message }, deps, askGate);
    }
  }
}

/** Undefined leaves the delivery as it is: we were stopped before it was clear whose failure it was. */
async function eventOfFailure(
  delivery: DueDelivery,
  cause: DeliveryCause,
  deps: PushLaneDeps,
  askGate: AskGate,
): Promise<DeliveryEvent | undefined> {
  if (cause.code === 'DIGEST_MISMATCH' || cause.code === 'OWN_COPY_DAMAGED') {
    return judgeMismatch(delivery, cause, deps).catch((error: unknown): DeliveryEvent => {
      // Of this one row nothing is known then; the others of its batch have their verdicts.
      const { code, message } = error instanceof FleetError ? error : cause;
      return { kind: 'retryableFailure', cause: { code, message } };
    });
  }
  if (!concernsPeer(cause.code)) return { kind: 'retryableFailure', cause };
  // The gate decides: a peer that is lost or refuses parks the delivery, one that is fine has only failed once.
  const verdict = await askGate(cause);
  switch (verdict.kind) {
    case 'stopped':
      return undefined;
    case 'itsOwn':
      return { kind: 'retryableFailure', cause };
    case 'parked':
      return { kind: 'peerDown', cause: verdict.cause };
  }
}
