import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { NO_CAUSE, REPLAYED_STATES, type DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { DeliveryFilter, FailureNote } from '../catalog.ts';
import { DELIVERY_COLUMNS } from './delivery-row.ts';
import { failureNote } from './delivery-table.ts';
import type { Cursor, Slice } from './protocol.ts';
import { integerOf } from './row-values.ts';

/** Rows that one slice looks at: some 10 ms of work, so that an upload hardly notices a million rows being moved. */
export const SLICE_ROWS = 2000;

/** Changes to many rows of the ledger at once, a slice at a time. Every method runs inside a transaction of the caller. */
export class LedgerSlices {
  readonly #unparked: StatementSync;
  readonly #park: StatementSync;
  readonly #window: StatementSync;
  readonly #requeue: StatementSync;

  constructor(database: DatabaseSync) {
    this.#unparked = database.prepare(
      `SELECT ${DELIVERY_COLUMNS} FROM delivery WHERE server = ? AND state = ? AND id > ? ORDER BY id LIMIT ?`,
    );
    this.#park = database.prepare(
      `UPDATE delivery SET state = 'parked', next_attempt_at = NULL, cause_code = ?, cause_message = ?,
         first_failed_at = coalesce(first_failed_at, ?)
       WHERE id = ?`,
    );
    this.#window = database.prepare(
      'SELECT count(*) AS rows, max(id) AS last FROM (SELECT id FROM delivery WHERE id > ? ORDER BY id LIMIT ?)',
    );
    // The plus signs keep the other indexes out: within a window of ids the table's own order is the cheap one.
    this.#requeue = database.prepare(
      `UPDATE delivery SET state = 'pending', next_attempt_at = NULL
       WHERE id > :from AND id <= :to AND +state IN (SELECT value FROM json_each(:states))
         AND (:server IS NULL OR +server = :server)
         AND (:cause IS NULL OR cause_code = :cause OR (:cause = '${NO_CAUSE}' AND cause_code IS NULL))
       RETURNING id`,
    );
  }

  /** First the pending rows, then the failed ones; the cursor is `state:id`. Rows that are born later come too. */
  park(cursor: Cursor | null, server: string, cause: DeliveryCause, nowMs: number): Slice<FailureNote> {
    const [state = 'pending', after = '0'] = String(cursor ?? 'pending:0').split(':');
    const rows = this.#unparked.all(server, state, Number(after), SLICE_ROWS);
    const items: FailureNote[] = [];
    for (const row of rows) {
      this.#park.run(cause.code, cause.message, nowMs, integerOf(row, 'id'));
      const note = failureNote(row, cause, nowMs);
      if (note !== undefined) items.push(note);
    }
    const last = rows.at(-1);
    if (last !== undefined && rows.length === SLICE_ROWS) {
      return { items, next: `${state}:${String(integerOf(last, 'id'))}` };
    }
    return { items, next: state === 'pending' ? 'failed:0' : null };
  }

  /** Ids in ascending order; the cursor is the last id that was looked at, or an index into `filter.ids`. */
  requeue(cursor: Cursor | null, filter: DeliveryFilter): Slice<number> {
    const from = Number(cursor ?? 0);
    if (filter.ids !== undefined) {
      const ids = [...new Set(filter.ids)].sort((a, b) => a - b);
      const slice = ids.slice(from, from + SLICE_ROWS);
      const items = slice.flatMap((id) => this.#requeueWindow({ from: id - 1, to: id }, filter));
      return { items, next: from + slice.length < ids.length ? from + slice.length : null };
    }
    const window = this.#window.get(from, SLICE_ROWS) ?? {};
    const rows = integerOf(window, 'rows');
    if (rows === 0) return { items: [], next: null };
    const to = integerOf(window, 'last');
    return { items: this.#requeueWindow({ from, to }, filter), next: rows < SLICE_ROWS ? null : to };
  }

  #requeueWindow(
    { from, to }: { readonly from: number; readonly to: number },
    { server, cause, states }: DeliveryFilter,
  ): number[] {
    // A pending row has nothing to be requeued from.
    const chosen = (states ?? REPLAYED_STATES).filter((state) => state !== 'pending');
    const rows = this.#requeue.all({
      from,
      to,
      states: JSON.stringify(chosen),
      server: server ?? null,
      cause: cause ?? null,
    });
    return rows.map((row) => integerOf(row, 'id')).sort((a, b) => a - b);
  }
}
