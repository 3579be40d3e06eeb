import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';

/** Connection failures in a row that make a peer down. */
const FAILURES_UNTIL_DOWN = 3;
const DOUBT_INTERVAL_MS = 100;
const DOWN_INTERVAL_MS = 2_000;
const REFUSED_FIRST_MS = 2_000;
const REFUSED_CAP_MS = 60_000;
/** Intervals vary by this part, so that the agents of a fleet do not probe in step. */
const JITTER = 0.25;

/** Refusals that concern everything we send, not one image: deliveries wait for a change, and attempts would be wasted. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PEER_KEY_WRONG',
  'CLOCK_SKEW',
  'PEER_DISK_FULL',
  'PEER_SELF',
  'PEER_DUPLICATE',
  'PEER_ANSWER_INVALID',
]);
/** A peer that is stopping is as good as a connection that fails. */
const CONNECTION_FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PEER_UNREACHABLE',
  'PEER_TIMEOUT',
  'SHUTTING_DOWN',
]);

export type BreakerState =
  /** Before the first probe has succeeded. */
  | { readonly kind: 'unknown'; readonly failures: number }
  | { readonly kind: 'up' }
  /** A connection failed; pushes are held until quick probes have told whether the peer is down. */
  | { readonly kind: 'doubt'; readonly failures: number }
  | { readonly kind: 'down'; readonly cause: DeliveryCause }
  /** It answers, and takes nothing. */
  | { readonly kind: 'refusing'; readonly cause: DeliveryCause; readonly refusals: number };

export type BreakerEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'probeSucceeded' }
  /** A probe or a push failed in a way that concerns the peer as a whole (`concernsPeer`). */
  | { readonly kind: 'probeFailed' | 'pushFailed'; readonly cause: DeliveryCause };

export type BreakerEffect =
  /** Probe after this time; replaces a probe that was planned. */
  | { readonly kind: 'probe'; readonly inMs: number }
  /** What waits for the peer is parked with this cause. */
  | { readonly kind: 'park'; readonly cause: DeliveryCause }
  /** What was parked may go, and held pushes get their verdict from the new state. */
  | { readonly kind: 'release' };

export interface BreakerStep {
  readonly state: BreakerState;
  readonly effects: readonly BreakerEffect[];
}

/** Whether a failure says something of the peer as a whole, so that the breaker decides and not the single delivery. */
export function concernsPeer(code: ErrorCode): boolean {
  return REFUSALS.has(code) || CONNECTION_FAILURES.has(code);
}

/** Why deliveries do not flow; null when they do, or when nobody knows yet. */
export function parkingCauseOf(state: BreakerState): DeliveryCause | null {
  return state.kind === 'down' || state.kind === 'refusing' ? state.cause : null;
}

/**
 * One peer's breaker. A pure reducer: the caller probes, parks and releases. A failed push is confirmed by probes
 * before it counts as the peer's failure, so that a connection that broke once costs one retry and a peer that is gone
 * costs none.
 */
export function stepBreaker(state: BreakerState, event: BreakerEvent, random: () => number): BreakerStep {
  switch (event.kind) {
    case 'started':
      return { state: { kind: 'unknown', failures: 0 }, effects: [{ kind: 'probe', inMs: 0 }] };
    case 'probeSucceeded':
      return { state: { kind: 'up' }, effects: state.kind === 'up' ? [] : [{ kind: 'release' }] };
    case 'probeFailed':
    case 'pushFailed': {
      if (REFUSALS.has(event.cause.code)) return refused(state, event.cause, random);
      return event.kind === 'probeFailed' ? unreachable(state, event.cause, random) : doubted(state);
    }
  }
}

/** A push lost its connection. Only where the peer counted as up does that say anything new. */
function doubted(state: BreakerState): BreakerStep {
  if (state.kind !== 'up') return { state, effects: [] };
  return { state: { kind: 'doubt', failures: 0 }, effects: [{ kind: 'probe', inMs: 0 }] };
}

function unreachable(state: BreakerState, cause: DeliveryCause, random: () => number): BreakerStep {
  if (state.kind === 'up' || state.kind === 'doubt' || state.kind === 'unknown') {
    const failures = state.kind === 'up' ? 1 : state.failures + 1;
    if (failures < FAILURES_UNTIL_DOWN) {
      const kind = state.kind === 'unknown' ? 'unknown' : 'doubt';
      return { state: { kind, failures }, effects: [{ kind: 'probe', inMs: DOUBT_INTERVAL_MS }] };
    }
  }
  // The first sentence stays while the peer is down: a cause that changes would be a new line in the failure log.
  const stays = state.kind === 'down' ? state.cause : { code: 'PEER_DOWN' as const, message: cause.message };
  return {
    state: { kind: 'down', cause: stays },
    effects: [
      // Each time: a write that was under way when the peer went down may have left a row behind that is not parked.
      { kind: 'park', cause: stays },
      { kind: 'probe', inMs: jittered(DOWN_INTERVAL_MS, random) },
    ],
  };
}

function refused(state: BreakerState, cause: DeliveryCause, random: () => number): BreakerStep {
  const refusals = state.kind === 'refusing' && state.cause.code === cause.code ? state.refusals + 1 : 1;
  const stays = state.kind === 'refusing' && state.cause.code === cause.code ? state.cause : cause;
  const inMs = jittered(Math.min(REFUSED_CAP_MS, REFUSED_FIRST_MS * 2 ** (refusals - 1)), random);
  return {
    state: { kind: 'refusing', cause: stays, refusals },
    effects: [
      { kind: 'park', cause: stays },
      { kind: 'probe', inMs },
    ],
  };
}

function jittered(intervalMs: number, random: () => number): number {
  return Math.round(intervalMs * (1 - JITTER + 2 * JITTER * random()));
}
