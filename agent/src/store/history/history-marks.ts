import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integerOf } from '../sqlite/row-values.ts';

/**
 * Where the parts of the history meet, in epoch milliseconds. `rolled_until`: hours before it are rolled up. `runs_from`:
 * single transitions are whole from here on. `hours_from`: hours are kept from here on; before it there are days only.
 */
export type MarkName = 'rolled_until' | 'runs_from' | 'hours_from';

export class HistoryMarks {
  readonly #read: StatementSync;
  readonly #write: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = database.prepare('SELECT value FROM meta WHERE name = ?');
    this.#write = database.prepare('UPDATE meta SET value = ? WHERE name = ?');
  }

  get(name: MarkName): number {
    return integerOf(this.#read.get(name) ?? {}, 'value');
  }

  set(name: MarkName, at: number): void {
    this.#write.run(at, name);
  }

  /** Nothing lies behind an instant any more. */
  cut(at: number): void {
    for (const name of ['rolled_until', 'runs_from', 'hours_from'] as const) {
      this.set(name, Math.min(this.get(name), at));
    }
  }
}
