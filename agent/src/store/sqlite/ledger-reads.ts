import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { NO_CAUSE, type Delivery } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Catalog, CatalogRecord, DeliveryListQuery, DueDelivery, LedgerGroup } from '../catalog.ts';
import { DELIVERY_COLUMNS, deliveryOf, lastCauseOf, LEDGER_STATES, ledgerStateOf } from './delivery-row.ts';
import { foldOf } from './image-row.ts';
import { integerOf, nullableIntegerOf, textOf } from './row-values.ts';

/** A summary that took longer than this is answered again without looking… */
const SLOW_SUMMARY_MS = 50;
/** …for so many times as long as it took: a million open rows must not keep the thread from everything else. */
const SUMMARY_REST = 9;

/** Questions about the ledger, for the reading thread. */
export class LedgerReads {
  readonly #recordAt: (fold: string) => CatalogRecord | undefined;
  readonly #pending: StatementSync;
  readonly #failedDue: StatementSync;
  readonly #nextDue: StatementSync;
  readonly #list: StatementSync;
  readonly #ofPath: StatementSync;
  readonly #groups: StatementSync;
  readonly #now: () => number;
  #summary: { readonly groups: readonly LedgerGroup[]; readonly goodUntil: number } = { groups: [], goodUntil: -1 };

  /** `now` is a monotonic clock in milliseconds. */
  constructor(
    database: DatabaseSync,
    { recordAt, now }: { readonly recordAt: (fold: string) => CatalogRecord | undefined; readonly now: () => number },
  ) {
    this.#recordAt = recordAt;
    this.#now = now;
    const select = `SELECT ${DELIVERY_COLUMNS} FROM delivery`;
    this.#pending = database.prepare(`${select} WHERE server = :server AND state = 'pending'
         AND size_bytes > :overBytes AND size_bytes <= :upToBytes
       ORDER BY id LIMIT :limit`);
    this.#failedDue = database.prepare(
      `${select} WHERE server = :server AND state = 'failed' AND next_attempt_at <= :nowMs
         AND size_bytes > :overBytes AND size_bytes <= :upToBytes
       ORDER BY next_attempt_at LIMIT :limit`,
    );
    this.#nextDue = database.prepare(
      "SELECT min(next_attempt_at) AS due FROM delivery WHERE server = ? AND state = 'failed'",
    );
    this.#list = database.prepare(
      `${select} WHERE id > :afterId AND state IN (SELECT value FROM json_each(:states))
         AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids)))
         AND (:server IS NULL OR server = :server)
         AND (:cause IS NULL OR (cause_code = :cause AND state <> 'pending')
           OR (:cause = '${NO_CAUSE}' AND (cause_code IS NULL OR state = 'pending')))
       ORDER BY id LIMIT :limit`,
    );
    this.#ofPath = database.prepare(`${select} WHERE fold = ? ORDER BY id`);
    this.#groups = database.prepare(
      `SELECT server, state,
         CASE state WHEN 'pending' THEN NULL ELSE cause_code END AS cause_code,
         CASE state WHEN 'pending' THEN NULL ELSE cause_message END AS cause_message,
         count(*) AS rows, sum(size_bytes) AS bytes, min(queued_at) AS oldest
       FROM delivery GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    );
  }

  takeDue({ server, nowMs, withFailed, limit, ...bounds }: Parameters<Catalog['takeDue']>[0]): readonly DueDelivery[] {
    const overBytes = bounds.overBytes ?? -1;
    const upToBytes = bounds.upToBytes ?? Number.MAX_SAFE_INTEGER;
    const pending = this.#pending.all({ server, limit, overBytes, upToBytes });
    const failed = withFailed ? this.#failedDue.all({ server, nowMs, limit, overBytes, upToBytes }) : [];
    return [...pending, ...failed]
      .sort((a, b) => integerOf(a, 'id') - integerOf(b, 'id'))
      .slice(0, limit)
      .map((row) => ({ ...deliveryOf(row), record: this.#recordAt(textOf(row, 'fold')) ?? null }));
  }

  nextDueAt(server: string): number | undefined {
    return nullableIntegerOf(this.#nextDue.get(server) ?? { due: null }, 'due') ?? undefined;
  }

  list({ ids, server, cause, states, afterId, limit }: DeliveryListQuery): readonly Delivery[] {
    const rows = this.#list.all({
      afterId,
      limit,
      states: JSON.stringify(states ?? LEDGER_STATES),
      ids: ids === undefined ? null : JSON.stringify(ids),
      server: server ?? null,
      cause: cause ?? null,
    });
    return rows.map(deliveryOf);
  }

  ofPath(path: string): readonly Delivery[] {
    return this.#ofPath
      .all(foldOf(path))
      .map(deliveryOf)
      .filter((delivery) => delivery.path === path);
  }

  summarize(): readonly LedgerGroup[] {
    const startedAt = this.#now();
    if (startedAt < this.#summary.goodUntil) return this.#summary.groups;
    const groups = this.#group();
    const endedAt = this.#now();
    const tookMs = endedAt - startedAt;
    this.#summary = { groups, goodUntil: tookMs > SLOW_SUMMARY_MS ? endedAt + SUMMARY_REST * tookMs : -1 };
    return groups;
  }

  #group(): readonly LedgerGroup[] {
    return this.#groups.all().map((row) => ({
      server: textOf(row, 'server'),
      state: ledgerStateOf(row),
      cause: lastCauseOf(row),
      count: integerOf(row, 'rows'),
      bytes: integerOf(row, 'bytes'),
      oldestQueuedAt: integerOf(row, 'oldest'),
    }));
  }
}
