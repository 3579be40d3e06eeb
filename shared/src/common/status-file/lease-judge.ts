import { SILENT_AFTER_PERIODS, type Lease } from './lease.ts';

/** Whether the monitor behind a status file works; unknown until one counter has followed another. */
export type MonitorLife = 'alive' | 'silent' | 'unknown';

/** What a reader has seen of a lease. */
export interface LeaseSight {
  readonly monitor: MonitorLife;
  /** The last lease that was seen, and when its counter was new, by the reader's monotonic clock in milliseconds. */
  readonly last: { readonly lease: Lease; readonly newAt: number } | null;
}

export const NO_LEASE_SEEN: LeaseSight = { monitor: 'unknown', last: null };

/**
 * Judges one more look at a lease, undefined when there was none. `lookedAt` is the monotonic time before the file was
 * read: whatever holds the reader up after that makes no monitor look dead.
 */
export function judgeLease(before: LeaseSight, lease: Lease | undefined, lookedAt: number): LeaseSight {
  const { last } = before;
  if (lease !== undefined && lease.counter !== last?.lease.counter) {
    return { monitor: last === null ? 'unknown' : 'alive', last: { lease, newAt: lookedAt } };
  }
  if (last === null) return before;
  const isLate = lookedAt - last.newAt >= SILENT_AFTER_PERIODS * last.lease.periodMs;
  return isLate ? { monitor: 'silent', last } : before;
}
