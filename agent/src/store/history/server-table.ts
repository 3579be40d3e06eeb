import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integerOf } from '../sqlite/row-values.ts';
import { DAY_MS } from './latency-levels.ts';

/** Servers of which something is kept; more than any monitor watches, for those that were renamed. */
const MAX_SERVERS = 20_000;
/** A server of which nothing new came for so long is forgotten, with all that is left of it. */
const FORGET_MS = 366 * DAY_MS;

/** Numbers of servers, which rows carry in place of names. */
export class ServerTable {
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  readonly #seen: StatementSync;
  readonly #database: DatabaseSync;
  readonly #known = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#find = database.prepare('SELECT id FROM server WHERE name = ?');
    this.#add = database.prepare('INSERT INTO server (name, seen_at) VALUES (?, ?) RETURNING id');
    this.#seen = database.prepare('UPDATE server SET seen_at = max(seen_at, ?) WHERE id = ?');
  }

  find(name: string): number | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const row = this.#find.get(name);
    if (row === undefined) return undefined;
    const id = integerOf(row, 'id');
    this.#known.set(name, id);
    return id;
  }

  /** The server's number; it is added when it is new, and noted as alive at that time once a process. */
  idOf(name: string, at: number): number {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const found = this.find(name);
    if (found !== undefined) {
      this.#seen.run(at, found);
      return found;
    }
    const id = integerOf(this.#add.get(name, at) ?? {}, 'id');
    this.#known.set(name, id);
    return id;
  }

  all(): readonly number[] {
    return this.#database
      .prepare('SELECT id FROM server')
      .all()
      .map((row) => integerOf(row, 'id'));
  }

  /** Numbers of those known that changed in the last transaction, which was taken back, are forgotten. */
  drop(): void {
    this.#known.clear();
  }

  /** Forgets servers that are long gone; what they left in other tables ages there. */
  prune(at: number): void {
    for (const id of this.#known.values()) this.#seen.run(at, id);
    this.#database
      .prepare(
        `DELETE FROM server WHERE seen_at < :oldest
           OR id IN (SELECT id FROM server ORDER BY seen_at DESC, id DESC LIMIT -1 OFFSET :max)`,
      )
      .run({ oldest: at - FORGET_MS, max: MAX_SERVERS });
    this.#known.clear();
    this.#database.exec('DELETE FROM change WHERE server NOT IN (SELECT id FROM server)');
  }
}
