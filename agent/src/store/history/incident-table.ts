import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integerOf, textOf } from '../sqlite/row-values.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';

/** Incidents that are kept; the oldest go first, and an open one never. */
const MAX_INCIDENTS = 10_000;

/** Incidents as their monitor left them: texts here, which are read where schemas are. */
export class IncidentTable {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #select: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO incident (id, opened_at, closed_at, body) VALUES (?, ?, ?, ?)',
    );
    this.#select = database.prepare(
      `SELECT body FROM incident WHERE closed_at IS NULL OR closed_at >= ? ORDER BY opened_at DESC, id DESC LIMIT ?`,
    );
  }

  put(incidents: readonly StoredIncident[]): void {
    for (const one of incidents) this.#put.run(one.id, one.openedAt, one.closedAt, JSON.stringify(one));
  }

  /** The newest last. */
  list(closedSince: number, limit: number): readonly string[] {
    return this.#select
      .all(closedSince, limit)
      .map((row) => textOf(row, 'body'))
      .reverse();
  }

  prune(): void {
    const { surplus } = this.#database.prepare('SELECT count(*) - ? AS surplus FROM incident').get(MAX_INCIDENTS) ?? {};
    if (integerOf({ surplus: surplus ?? 0 }, 'surplus') <= 0) return;
    this.#database
      .prepare(
        `DELETE FROM incident WHERE id IN
           (SELECT id FROM incident WHERE closed_at IS NOT NULL ORDER BY opened_at LIMIT ?)`,
      )
      .run(surplus ?? 0);
  }
}
