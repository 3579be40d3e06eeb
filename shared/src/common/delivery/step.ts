import { nextDelayMs, type BackoffBounds } from './backoff.ts';
import type { DeliveryCause, DeliveryState } from './delivery.ts';

/** What happens to a delivery. The names are those of the table "Deliveries" in docs/architecture.md. */
export type DeliveryEvent =
  /** It is due, a slot is free, and it goes into a batch. */
  | { readonly kind: 'taken' }
  /** The peer answered, signed and after its own commit, that it has stored this version. */
  | { readonly kind: 'stored' }
  /** The peer has this version, or a newer one. */
  | { readonly kind: 'alreadyThere' }
  | { readonly kind: 'retryableFailure'; readonly cause: DeliveryCause }
  /** Trying again is pointless until somebody repairs something: the own copy is missing or damaged. */
  | { readonly kind: 'refusedForGood'; readonly cause: DeliveryCause }
  /** The peer takes nothing at all now: unreachable, disk full, wrong key, clocks apart. */
  | { readonly kind: 'peerDown'; readonly cause: DeliveryCause }
  /** The first successful probe after `peerDown`. */
  | { readonly kind: 'peerReturned' }
  | { readonly kind: 'replayed' }
  /** A newer version of the path was written; its own row replaces this one. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'peerRemoved' };

/** What of a ledger row decides; a `Delivery` fits, and one on its way is `{ ...delivery, state: 'inflight' }`. */
export interface DeliveryProgress {
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly cause: DeliveryCause | null;
}

/** The row after the event; `delivered` and `removed` mean that there is no row any more. */
export type DeliveryStep =
  | { readonly state: 'delivered' }
  | { readonly state: 'removed' }
  | QueuedStep<'pending'>
  | QueuedStep<'inflight'>
  | FailedStep
  | HeldStep<'parked'>
  | HeldStep<'dead'>;

interface QueuedStep<S extends DeliveryState> {
  readonly state: S;
  readonly attempts: number;
  readonly nextAttemptAt: null;
  readonly cause: DeliveryCause | null;
}

interface FailedStep {
  readonly state: 'failed';
  readonly attempts: number;
  /** Epoch milliseconds. Set also without automatic retry, where nobody takes the row when it falls due. */
  readonly nextAttemptAt: number;
  readonly cause: DeliveryCause;
}

interface HeldStep<S extends DeliveryState> {
  readonly state: S;
  readonly attempts: number;
  readonly nextAttemptAt: null;
  readonly cause: DeliveryCause;
}

export interface DeliveryPolicy {
  readonly nowMs: number;
  /** False: what failed or is parked goes out by replay only. */
  readonly autoRetry: boolean;
  readonly backoff: BackoffBounds;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/**
 * The delivery state machine: what becomes of a row when `event` happens, or undefined when the event changes nothing
 * in that state. Answers may come late, after the row was parked, so every state takes every event; a late success
 * counts, because the copy is there, and a late failure does not, because the row already waits for something else.
 *
 * The cause of the last failure stays while the row is pending and on its way again: the failure log writes a line when
 * a cause *changes*, and a scheduled replay that fails like before must not add one.
 */
export function stepDelivery(
  current: DeliveryProgress,
  event: DeliveryEvent,
  policy: DeliveryPolicy,
): DeliveryStep | undefined {
  switch (event.kind) {
    case 'superseded':
    case 'peerRemoved':
      return { state: 'removed' };
    case 'stored':
    case 'alreadyThere':
      // A dead row says that the own copy is bad. Only repair, which replays it, can tell that it no longer is.
      return current.state === 'dead' ? undefined : { state: 'delivered' };
    case 'taken':
      return take(current, policy);
    case 'retryableFailure':
      return current.state === 'inflight' ? fail(current, event.cause, policy) : undefined;
    case 'refusedForGood':
      return current.state === 'dead' ? undefined : stopAt('dead', current, event.cause);
    case 'peerDown':
      return park(current, event.cause);
    case 'peerReturned':
      return current.state === 'parked' && policy.autoRetry ? queue('pending', current) : undefined;
    case 'replayed':
      return current.state === 'pending' || current.state === 'inflight' ? undefined : queue('pending', current);
  }
}

function take(current: DeliveryProgress, policy: DeliveryPolicy): DeliveryStep | undefined {
  switch (current.state) {
    case 'pending':
      return queue('inflight', current);
    case 'failed':
      return policy.autoRetry ? queue('inflight', current) : undefined;
    case 'inflight':
    case 'parked':
    case 'dead':
      return undefined;
  }
}

function fail(current: DeliveryProgress, cause: DeliveryCause, policy: DeliveryPolicy): DeliveryStep {
  const attempts = current.attempts + 1;
  const delayMs = nextDelayMs({ ...policy.backoff, attempts, random: policy.random });
  return { state: 'failed', attempts, nextAttemptAt: policy.nowMs + delayMs, cause };
}

function park(current: DeliveryProgress, cause: DeliveryCause): DeliveryStep | undefined {
  switch (current.state) {
    case 'pending':
    case 'failed':
    case 'inflight':
      return stopAt('parked', current, cause);
    case 'parked': {
      const isSame = current.cause?.code === cause.code && current.cause.message === cause.message;
      return isSame ? undefined : stopAt('parked', current, cause);
    }
    case 'dead':
      return undefined;
  }
}

function queue<S extends 'pending' | 'inflight'>(state: S, { attempts, cause }: DeliveryProgress): QueuedStep<S> {
  return { state, attempts, nextAttemptAt: null, cause };
}

function stopAt<S extends 'parked' | 'dead'>(
  state: S,
  { attempts }: DeliveryProgress,
  cause: DeliveryCause,
): HeldStep<S> {
  return { state, attempts, nextAttemptAt: null, cause };
}
