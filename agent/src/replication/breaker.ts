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
/** A peer that is stopping, or does not get round to us, is as good as a connection that fails. */
const CONNECTION_FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PEER_UNREACHABLE',
  'PEER_TIMEOUT',
  'PEER_BUSY',
  'SHUTTING_DOWN',
]);

export type BreakerState =
  /** Before the first probe has succeeded. */
  | { readonly kind: 'unknown'; readonly failures: number }
  | { readonly kind: 'up' }
  /** A connection or a probe failed; pushes are held until quick probes have told whether the peer is down. */
  | { readonly kind: 'doubt'; readonly failures: number }
  | { readonly kind: 'down'; readonly cause: DeliveryCause }
  /** It answers, and takes nothing. */
  | { readonly kind: 'refusing'; readonly cause: DeliveryCause; readonly refusals: number }
  /**
   * It refused, and says by a probe that it takes copies again. A few go out to see; it counts as up when one of them
   * arrives. A probe alone proves little: a disk that is nearly full has room for the question and not for an answer.
   */
  | { readonly kind: 'trial'; readonly cause: DeliveryCause; readonly refusals: number };

type RefusedState = Extract<BreakerState, { readonly refusals: number }>;

export type BreakerEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'probeSucceeded' }
  | { readonly kind: 'pushSucceeded' }
  /** A trial was asked for, and nothing waits that could be sent. */
  | { readonly kind: 'nothingToTry' }
  /** A probe or a push failed in a way that concerns the peer as a whole (`concernsPeer`). */
  | { readonly kind: 'probeFailed' | 'pushFailed'; readonly cause: DeliveryCause };

export type BreakerEffect =
  /** Probe after this time; replaces a probe that was planned. */
  | { readonly kind: 'probe'; readonly inMs: number }
  /** What waits for the peer is parked with this cause. */
  | { readonly kind: 'park'; readonly cause: DeliveryCause }
  /** What was parked may go, and held pushes get their verdict from the new state. */
  | { readonly kind: 'release' }
  /** A few of the parked may go. */
  | { readonly kind: 'try' };

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
  return 'cause' in state ? state.cause : null;
}

/** Whether pushes go out. */
export function isTaking(state: BreakerState): boolean {
  return state.kind === 'up' || state.kind === 'trial';
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
      return state.kind === 'refusing' || state.kind === 'trial' ? tried(state, random) : up(state);
    case 'pushSucceeded':
      return arrived(state);
    case 'nothingToTry':
      return state.kind === 'trial' ? up(state) : { state, effects: [] };
    case 'probeFailed':
    case 'pushFailed': {
      if (REFUSALS.has(event.cause.code)) return refused(state, event.cause, random);
      return event.kind === 'probeFailed' ? unreachable(state, event.cause, random) : doubted(state);
    }
  }
}

function up(state: BreakerState): BreakerStep {
  return { state: { kind: 'up' }, effects: state.kind === 'up' ? [] : [{ kind: 'release' }] };
}

/**
 * A peer that has just taken a copy lives, even when it was too busy to answer a probe in time. One that counts as down
 * is only asked anew, at once: a server that is stopping finishes what is under way and takes nothing more.
 */
function arrived(state: BreakerState): BreakerStep {
  if (state.kind === 'trial' || state.kind === 'doubt') return up(state);
  return { state, effects: state.kind === 'down' ? [{ kind: 'probe', inMs: 0 }] : [] };
}

/** The count of refusals stays until a push succeeds: the peer may refuse each of them and take each probe. */
function tried({ cause, refusals }: RefusedState, random: () => number): BreakerStep {
  return {
    state: { kind: 'trial', cause, refusals },
    // What goes out may end without having been sent, as when a newer version replaces it; then the next few follow.
    effects: [{ kind: 'try' }, { kind: 'probe', inMs: jittered(REFUSED_CAP_MS, random) }],
  };
}

/** A push lost its connection. Only where pushes go out does that say anything new. */
function doubted(state: BreakerState): BreakerStep {
  if (!isTaking(state)) return { state, effects: [] };
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
  // The first sentence stays here, too.
  const before = 'refusals' in state && state.cause.code === cause.code ? state : { refusals: 0, cause };
  const refusals = before.refusals + 1;
  const inMs = jittered(Math.min(REFUSED_CAP_MS, REFUSED_FIRST_MS * 2 ** (refusals - 1)), random);
  return {
    state: { kind: 'refusing', cause: before.cause, refusals },
    effects: [
      { kind: 'park', cause: before.cause },
      { kind: 'probe', inMs },
    ],
  };
}

function jittered(intervalMs: number, random: () => number): number {
  return Math.round(intervalMs * (1 - JITTER + 2 * JITTER * random()));
}
