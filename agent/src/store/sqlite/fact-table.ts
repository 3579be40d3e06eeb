import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Fact } from '../catalog.ts';
import { textOf } from './row-values.ts';

/** Facts lie beside the catalog's own entries in `meta`. */
const PREFIX = 'fact:';

/** Keeps facts, for the writing thread. */
export class FactTable {
  readonly #put: StatementSync;
  readonly #drop: StatementSync;

  constructor(database: DatabaseSync) {
    this.#put = database.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');
    this.#drop = database.prepare('DELETE FROM meta WHERE name = ?');
  }

  remember(facts: readonly Fact[]): void {
    for (const { name, value } of facts) {
      if (value === null) this.#drop.run(PREFIX + name);
      else this.#put.run(PREFIX + name, value);
    }
  }
}

/** All facts, for the reading thread. */
export function recallFacts(database: DatabaseSync): () => ReadonlyMap<string, string> {
  const select = database.prepare('SELECT name, value FROM meta WHERE substr(name, 1, ?) = ?');
  return () =>
    new Map(
      select
        .all(PREFIX.length, PREFIX)
        .map((row) => [textOf(row, 'name').slice(PREFIX.length), textOf(row, 'value')] as const),
    );
}
