/** Rules of grouping, in milliseconds of the monotonic clock. docs/failover.md tells operators of them. */

/** The notice of a new incident waits so long for others that fail at the same time, to name them all. */
export const GATHER_MS = 3000;
/** So long a failure of the same cause joins an incident, without another notice. Black holes are found over seconds. */
export const JOIN_MS = 30_000;
/** A server that fails again so soon after it was back makes no new incident: the old one opens again. */
export const REOPEN_MS = 10 * 60_000;
/** Notices of new or reopened incidents in an hour. What comes beyond gathers in one incident until there is room. */
export const MAX_NOTICES_PER_HOUR = 20;
export const NOTICE_WINDOW_MS = 3_600_000;
/** Ended incidents that are remembered for reopening. */
export const MAX_RECENT = 1000;

const FIRST_HOLD_MS = 5 * 60_000;
const LONGEST_HOLD_MS = 60 * 60_000;

/**
 * How long all servers of an incident must have been back before it is over. At once the first time; each time that it came
 * back doubles it, so that a server that flaps for days makes one incident an hour at the end, and so two notices.
 */
export function holdMs(reopened: number): number {
  return reopened === 0 ? 0 : Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** (reopened - 1));
}
