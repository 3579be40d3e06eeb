import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { DeliveryTarget, DeliveryUpdate, FailureNote } from '../catalog.ts';
import { DELIVERY_COLUMNS, lastCauseOf, pathOf } from './delivery-row.ts';
import { foldOf } from './image-row.ts';
import { integerOf, type Row } from './row-values.ts';

type FailedUpdate = Exclude<DeliveryUpdate['to'], { readonly state: 'delivered' | 'pending' }>;

/** The ledger, for the writing thread. Every method runs inside a transaction of the caller. */
export class DeliveryTable {
  readonly #insert: StatementSync;
  readonly #deletePath: StatementSync;
  readonly #deleteOne: StatementSync;
  readonly #find: StatementSync;
  readonly #fail: StatementSync;
  readonly #release: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO delivery
         (fold, path, server, version, size_bytes, state, cause_code, cause_message, first_failed_at, queued_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#deletePath = database.prepare('DELETE FROM delivery WHERE fold = ?');
    this.#deleteOne = database.prepare('DELETE FROM delivery WHERE id = ? AND version = ?');
    this.#find = database.prepare(`SELECT ${DELIVERY_COLUMNS} FROM delivery WHERE id = ? AND version = ?`);
    this.#fail = database.prepare(
      `UPDATE delivery SET state = ?, attempts = ?, next_attempt_at = ?, cause_code = ?, cause_message = ?,
         first_failed_at = coalesce(first_failed_at, ?)
       WHERE id = ?`,
    );
    this.#release = database.prepare(
      "UPDATE delivery SET state = 'pending', next_attempt_at = NULL WHERE id = ? AND version = ?",
    );
  }

  /** One row per target, in their order; those of known dead peers are parked at birth and noted. */
  queue(record: PresentRecord, targets: readonly DeliveryTarget[], nowMs: number): readonly FailureNote[] {
    const notes: FailureNote[] = [];
    const fold = foldOf(record.path);
    const path = record.path === fold ? null : record.path;
    for (const { server, parkedBy } of targets) {
      const state = parkedBy === null ? 'pending' : 'parked';
      const { code = null, message = null } = parkedBy ?? {};
      const failedAt = parkedBy === null ? null : nowMs;
      this.#insert.run(fold, path, server, record.version, record.sizeBytes, state, code, message, failedAt, nowMs);
      if (parkedBy !== null) notes.push({ at: nowMs, path: record.path, server, cause: parkedBy });
    }
    return notes;
  }

  /** Deliveries of an older version have no purpose once a newer one is recorded. */
  dropPath(path: string): void {
    this.#deletePath.run(foldOf(path));
  }

  /** The note that belongs into the failure log, if any. A row of another version is left alone. */
  settle({ id, version, to }: DeliveryUpdate, nowMs: number): FailureNote | undefined {
    switch (to.state) {
      case 'delivered':
        this.#deleteOne.run(id, version);
        return undefined;
      case 'pending':
        this.#release.run(id, version);
        return undefined;
      case 'failed':
      case 'parked':
      case 'dead': {
        const row = this.#find.get(id, version);
        return row === undefined ? undefined : this.#failRow(row, to, nowMs);
      }
    }
  }

  #failRow(row: Row, to: FailedUpdate, nowMs: number): FailureNote | undefined {
    const nextAttemptAt = to.state === 'failed' ? to.nextAttemptAt : null;
    const { code, message } = to.cause;
    this.#fail.run(to.state, to.attempts, nextAttemptAt, code, message, nowMs, integerOf(row, 'id'));
    return failureNote(row, to.cause, nowMs);
  }
}

/** A note when the row first fails or its cause changes; the same cause again is no news. */
export function failureNote(row: Row, cause: DeliveryCause, nowMs: number): FailureNote | undefined {
  const last = lastCauseOf(row);
  if (last?.code === cause.code && last.message === cause.message) return undefined;
  return { at: nowMs, path: pathOf(row), server: String(row['server']), cause };
}
