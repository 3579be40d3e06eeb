import { isErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { Delivery, DeliveryCause, LedgerState } from '@imagefleet/shared/common/delivery/delivery.ts';
import { damaged, integerOf, nullableIntegerOf, nullableTextOf, textOf, type Row } from './row-values.ts';

export const LEDGER_STATES: readonly LedgerState[] = ['pending', 'failed', 'parked', 'dead'];

export const DELIVERY_COLUMNS =
  'id, fold, path, server, version, size_bytes, state, attempts, next_attempt_at, cause_code, cause_message, ' +
  'first_failed_at, queued_at';

export function ledgerStateOf(row: Row): LedgerState {
  const state = LEDGER_STATES.find((known) => known === row['state']);
  if (state === undefined) throw damaged('state');
  return state;
}

/** The cause a row had last. It stays in a row that is pending again, so that the same cause is not noted twice. */
export function lastCauseOf(row: Row): DeliveryCause | null {
  const code = nullableTextOf(row, 'cause_code');
  if (code === null) return null;
  if (!isErrorCode(code)) throw damaged('cause_code');
  return { code, message: textOf(row, 'cause_message') };
}

export function pathOf(row: Row): string {
  return nullableTextOf(row, 'path') ?? textOf(row, 'fold');
}

export function deliveryOf(row: Row): Delivery {
  const state = ledgerStateOf(row);
  return {
    id: integerOf(row, 'id'),
    path: pathOf(row),
    version: textOf(row, 'version'),
    server: textOf(row, 'server'),
    state,
    attempts: integerOf(row, 'attempts'),
    sizeBytes: integerOf(row, 'size_bytes'),
    nextAttemptAt: nullableIntegerOf(row, 'next_attempt_at'),
    // What waits for its turn has no cause to be shown; only what failed has.
    cause: state === 'pending' ? null : lastCauseOf(row),
    firstFailedAt: nullableIntegerOf(row, 'first_failed_at'),
    queuedAt: integerOf(row, 'queued_at'),
  };
}
