import type { ErrorCode } from '../errors/error-codes.ts';
import type { Version } from '../image/version.ts';

/** States that are written to the ledger. `inflight` lives in memory only: after a crash its row is still `pending`, `failed`. */
export type LedgerState = 'pending' | 'failed' | 'parked' | 'dead';
export type DeliveryState = LedgerState | 'inflight';

/** What a replay sends out again: everything that does not go out by itself at once. */
export const REPLAYED_STATES: readonly LedgerState[] = ['failed', 'parked', 'dead'];

export interface DeliveryCause {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Stands for "without a cause" where deliveries are chosen by the code of theirs. */
export const NO_CAUSE = 'none';
export type CauseFilter = ErrorCode | typeof NO_CAUSE;

/** One image version on its way to one server. */
export interface Delivery {
  /** Grows in the order in which deliveries were made; oldest first is ascending id. */
  readonly id: number;
  readonly path: string;
  readonly version: Version;
  /** Name of the peer that lacks it. */
  readonly server: string;
  readonly state: LedgerState;
  readonly attempts: number;
  readonly sizeBytes: number;
  /** Epoch milliseconds; only failed deliveries have one. */
  readonly nextAttemptAt: number | null;
  readonly cause: DeliveryCause | null;
  readonly firstFailedAt: number | null;
  readonly queuedAt: number;
}
