import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';

/** Questions in a row that a peer leaves open, though it can be reached, until it counts as lost. */
const FAILURES_UNTIL_LOST = 3;
const CONFIRM_INTERVAL_MS = 100;
const LOST_INTERVAL_MS = 2_000;
const REFUSED_FIRST_MS = 2_000;
const REFUSED_CAP_MS = 60_000;
/** Intervals vary by this part, so that the agents of a fleet do not ask in step. */
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

export type AdmissionState =
  /** Before the first signed hello. */
  | { readonly kind: 'unknown'; readonly failures: number }
  | { readonly kind: 'taking' }
  /** A push lost its connection; pushes are held until it is known whose failure that was. */
  | { readonly kind: 'confirming'; readonly failures: number }
  /** Nothing gets there, or nothing comes back. Lasts until a hello has succeeded. */
  | { readonly kind: 'lost'; readonly cause: DeliveryCause }
  /** It answers, and takes nothing. */
  | { readonly kind: 'refusing'; readonly cause: DeliveryCause; readonly refusals: number }
  /**
   * It refused, and says by a hello that it takes copies again. A few go out to see; it counts as taking when one of them
   * arrives. A hello alone proves little: a disk that is nearly full has room for the question and not for an answer.
   */
  | { readonly kind: 'trial'; readonly cause: DeliveryCause; readonly refusals: number };

type RefusedState = Extract<AdmissionState, { readonly refusals: number }>;

export type AdmissionEvent =
  /** Whoever watches the peer reaches it, and did not a moment ago. */
  | { readonly kind: 'reached' }
  /** It cannot be reached, or nobody can tell. */
  | { readonly kind: 'lost'; readonly cause: DeliveryCause }
  | { readonly kind: 'helloSucceeded' }
  | { readonly kind: 'pushSucceeded' }
  /** A trial was asked for, and nothing waits that could be sent. */
  | { readonly kind: 'nothingToTry' }
  /** A hello or a push failed in a way that concerns the peer as a whole (`concernsPeer`). */
  | { readonly kind: 'helloFailed' | 'pushFailed'; readonly cause: DeliveryCause };

export type AdmissionEffect =
  /** Ask after this time whether it takes copies, if it can be reached then; replaces what was planned. */
  | { readonly kind: 'ask'; readonly inMs: number }
  /** What waits for the peer is parked with this cause. */
  | { readonly kind: 'park'; readonly cause: DeliveryCause }
  /** What was parked may go, and what was held. */
  | { readonly kind: 'release' }
  /** A few of the parked may go. */
  | { readonly kind: 'try' };

export interface AdmissionStep {
  readonly state: AdmissionState;
  readonly effects: readonly AdmissionEffect[];
}

/** Whether a failure says something of the peer as a whole, so that admission decides and not the single delivery. */
export function concernsPeer(code: ErrorCode): boolean {
  return REFUSALS.has(code) || isConnectionFailure(code);
}

/** Whether a failure lets doubt that anybody is there. */
export function isConnectionFailure(code: ErrorCode): boolean {
  return CONNECTION_FAILURES.has(code);
}

/** Why deliveries do not flow; null when they do, or when nobody knows yet. */
export function parkingCauseOf(state: AdmissionState): DeliveryCause | null {
  return 'cause' in state ? state.cause : null;
}

/** Whether pushes go out to a peer that can be reached. */
export function isTaking(state: AdmissionState): boolean {
  return state.kind === 'taking' || state.kind === 'trial';
}

/**
 * Whether one peer takes our copies. A pure reducer: the caller asks, parks and releases, and tells what the monitor says
 * of the peer. A failed push is confirmed before it counts as the peer's failure, so that a connection that broke once
 * costs one retry and a peer that is gone costs none.
 */
export function stepAdmission(state: AdmissionState, event: AdmissionEvent, random: () => number): AdmissionStep {
  switch (event.kind) {
    case 'reached':
      return { state, effects: state.kind === 'taking' ? [{ kind: 'release' }] : [{ kind: 'ask', inMs: 0 }] };
    case 'lost':
      return lost(state, event.cause, random);
    case 'helloSucceeded':
      return state.kind === 'refusing' || state.kind === 'trial' ? tried(state, random) : taking(state);
    case 'pushSucceeded':
      return arrived(state);
    case 'nothingToTry':
      return state.kind === 'trial' ? taking(state) : { state, effects: [] };
    case 'helloFailed':
    case 'pushFailed': {
      if (REFUSALS.has(event.cause.code)) return refused(state, event.cause, random);
      return event.kind === 'helloFailed' ? unanswered(state, event.cause, random) : doubted(state);
    }
  }
}

function taking(state: AdmissionState): AdmissionStep {
  return { state: { kind: 'taking' }, effects: state.kind === 'taking' ? [] : [{ kind: 'release' }] };
}

/**
 * A peer that has just taken a copy takes copies, even when it was too busy for a hello. One that counts as lost is only
 * asked anew, at once: a server that is stopping finishes what is under way and takes nothing more.
 */
function arrived(state: AdmissionState): AdmissionStep {
  if (state.kind === 'trial' || state.kind === 'confirming') return taking(state);
  return { state, effects: state.kind === 'lost' ? [{ kind: 'ask', inMs: 0 }] : [] };
}

/** The count of refusals stays until a push succeeds: the peer may refuse each of them and welcome each hello. */
function tried({ cause, refusals }: RefusedState, random: () => number): AdmissionStep {
  return {
    state: { kind: 'trial', cause, refusals },
    // What goes out may end without having been sent, as when a newer version replaces it; then the next few follow.
    effects: [{ kind: 'try' }, { kind: 'ask', inMs: jittered(REFUSED_CAP_MS, random) }],
  };
}

/** A push lost its connection. Only where pushes go out does that say anything new. */
function doubted(state: AdmissionState): AdmissionStep {
  if (!isTaking(state)) return { state, effects: [] };
  return { state: { kind: 'confirming', failures: 0 }, effects: [{ kind: 'ask', inMs: 0 }] };
}

/** It can be reached, and the hello came to nothing: it may be stopping, or hang over its disk. */
function unanswered(state: AdmissionState, cause: DeliveryCause, random: () => number): AdmissionStep {
  if (state.kind === 'taking' || state.kind === 'confirming' || state.kind === 'unknown') {
    const failures = state.kind === 'taking' ? 1 : state.failures + 1;
    if (failures < FAILURES_UNTIL_LOST) {
      const kind = state.kind === 'unknown' ? 'unknown' : 'confirming';
      return { state: { kind, failures }, effects: [{ kind: 'ask', inMs: CONFIRM_INTERVAL_MS }] };
    }
  }
  return lost(state, { code: 'PEER_DOWN', message: cause.message }, random);
}

function lost(state: AdmissionState, cause: DeliveryCause, random: () => number): AdmissionStep {
  // The first sentence stays while the peer is lost: a cause that changes would be a new line in the failure log.
  const stays = state.kind === 'lost' && state.cause.code === cause.code ? state.cause : cause;
  return {
    state: { kind: 'lost', cause: stays },
    effects: [
      // Each time: a write that was under way when the peer was lost may have left a row behind that is not parked.
      { kind: 'park', cause: stays },
      { kind: 'ask', inMs: jittered(LOST_INTERVAL_MS, random) },
    ],
  };
}

function refused(state: AdmissionState, cause: DeliveryCause, random: () => number): AdmissionStep {
  // The first sentence stays here, too.
  const before = 'refusals' in state && state.cause.code === cause.code ? state : { refusals: 0, cause };
  const refusals = before.refusals + 1;
  const inMs = jittered(Math.min(REFUSED_CAP_MS, REFUSED_FIRST_MS * 2 ** (refusals - 1)), random);
  return {
    state: { kind: 'refusing', cause: before.cause, refusals },
    effects: [
      { kind: 'park', cause: before.cause },
      { kind: 'ask', inMs },
    ],
  };
}

function jittered(intervalMs: number, random: () => number): number {
  return Math.round(intervalMs * (1 - JITTER + 2 * JITTER * random()));
}
