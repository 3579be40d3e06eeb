import { ITEM_STATES, MAX_CHANGES, type ItemState } from '#bridge/engine-words.ts';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { KnownHashTable } from './known-hash-table.ts';
import { queueError } from './queue-error.ts';
import {
  HISTORY_STATES,
  OPEN_STATES,
  type FileStamp,
  type FoundFile,
  type ItemChange,
  type QueueCounts,
  type QueueItem,
} from './queue-item.ts';
import { assignmentsOf, itemOf } from './queue-row.ts';
import { DAMAGED_STATE } from './queue-schema.ts';
import { prepareStatements, RECOVER, type QueueStatements } from './queue-statements.ts';
import { type ItemPage, type UploadQueueStore } from './upload-queue-store.ts';

type Tally = ReadonlyMap<string, { readonly files: number; readonly bytes: number }>;
type Row = Readonly<Record<string, SQLOutputValue>>;

const NOTHING = { files: 0, bytes: 0 };

/**
 * The queue in one SQLite file, which `openUploadQueue` opens. Errors: DISK_FULL, IO_FAILED; INPUT_INVALID for a path that
 * is no Unicode, because SQLite would keep another one.
 */
export class SqliteUploadQueue implements UploadQueueStore {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #statements: QueueStatements;
  readonly #hashes: KnownHashTable;
  /** By the columns that they set: changes of one kind come by the thousand. */
  readonly #updates = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#file = file;
    this.#statements = prepareStatements(database);
    this.#hashes = new KnownHashTable(database);
  }

  recover(): QueueCounts {
    this.#write(() => this.#database.exec(RECOVER));
    return this.counts();
  }

  add(files: readonly FoundFile[]): number {
    checkCount(files.length);
    const foreign = files.find(({ file, path }) => !file.isWellFormed() || !path.isWellFormed());
    if (foreign !== undefined) {
      throw new FleetError('INPUT_INVALID', `the name of ${foreign.file} is not valid Unicode`, {
        hint: 'Give the file another name.',
      });
    }
    return this.#write(() => {
      let added = 0;
      for (const { file, path, sizeBytes, mtimeMs, inode } of files) {
        added += Number(this.#statements.add.run(file, path, sizeBytes, mtimeMs, inode).changes);
      }
      return added;
    });
  }

  change(changes: readonly ItemChange[]): void {
    checkCount(changes.length);
    this.#write(() => {
      for (const change of changes) {
        const assignments = assignmentsOf(change);
        if (assignments !== undefined) this.#update(assignments.columns).run(...assignments.values, change.key);
      }
    });
  }

  item(key: number): QueueItem | undefined {
    return this.#read(() => this.#itemsOf(this.#statements.item.all(key)))[0];
  }

  due(
    state: ItemState,
    { now, limit, after = 0 }: { readonly now: number; readonly limit: number; readonly after?: number },
  ): readonly QueueItem[] {
    return this.#read(() => {
      for (;;) {
        const rows = this.#statements.due.all(state, after, now, Math.min(limit, MAX_CHANGES));
        const items = this.#itemsOf(rows);
        // Rows that were passed over are in no state now; an empty answer would say that nothing is left to do.
        if (items.length > 0 || rows.length === 0) return items;
      }
    });
  }

  idOf(sha256: string): string | undefined {
    const id = this.#read(() => this.#statements.idOf.get(Buffer.from(sha256, 'hex'))?.['id']);
    return typeof id === 'string' ? id : undefined;
  }

  nextDueAt(now: number): number | undefined {
    const times = this.#read(() => OPEN_STATES.map((state) => this.#statements.nextDueAt.get(state, now)?.['at']));
    const next = Math.min(...times.filter((at) => typeof at === 'number'));
    return Number.isFinite(next) ? next : undefined;
  }

  page(options: Parameters<UploadQueueStore['page']>[0]): ItemPage {
    const { state } = options;
    const limit = Math.min(options.limit, MAX_CHANGES);
    const { pageOfAll, pageOfState } = this.#statements;
    return this.#read(() => {
      const after = this.#startOf(options);
      if (after === undefined) return { items: [], next: null };
      const rows = state === undefined ? pageOfAll.all(after, limit) : pageOfState.all(state, after, limit);
      const last = rows.length < limit ? undefined : rows.at(-1)?.['key'];
      return { items: this.#itemsOf(rows), next: typeof last === 'number' ? last : null };
    });
  }

  /** Key behind which the page begins; undefined where there are not so many. */
  #startOf({ state, after = 0, skip = 0 }: Parameters<UploadQueueStore['page']>[0]): number | undefined {
    if (skip === 0) return after;
    const { keyAtOfAll, keyAtOfState } = this.#statements;
    const row = state === undefined ? keyAtOfAll.get(after, skip) : keyAtOfState.get(state, after, skip);
    const key = row?.['key'];
    return typeof key === 'number' ? key : undefined;
  }

  counts(): QueueCounts {
    const tally = this.#tally();
    return Object.fromEntries(ITEM_STATES.map((state) => [state, tally.get(state) ?? NOTHING])) as QueueCounts;
  }

  passedOver(): number {
    return this.#tally().get(DAMAGED_STATE)?.files ?? 0;
  }

  move(from: ItemState, to: ItemState): number {
    const isRetry = (from === 'failed' || from === 'cancelled') && to === 'queued';
    const statement = isRetry ? this.#statements.moveRenewed : this.#statements.move;
    return this.#write(() => Number(statement.run(from, 0, MAX_CHANGES, to).changes));
  }

  retryNow(state: ItemState): number {
    return this.#write(() => Number(this.#statements.retryNow.run(state, MAX_CHANGES).changes));
  }

  remove(state: ItemState): number {
    return this.#write(() => Number(this.#statements.remove.run(state, 0, MAX_CHANGES).changes));
  }

  trimHistory(limit: number): number {
    const tally = this.#tally();
    const files = HISTORY_STATES.reduce((sum, state) => sum + (tally.get(state)?.files ?? 0), 0);
    const excess = Math.min(files - limit, MAX_CHANGES);
    return excess <= 0 ? 0 : this.#write(() => Number(this.#statements.trimHistory.run(excess).changes));
  }

  knownHash(file: string, stamp: FileStamp): string | undefined {
    return this.#read(() => this.#hashes.find(file, stamp));
  }

  keepHashes(hashes: readonly (FileStamp & { readonly file: string; readonly sha256: string })[]): void {
    checkCount(hashes.length);
    this.#write(() => this.#hashes.keep(hashes));
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  close(): void {
    this.#read(() => this.#database.close());
  }

  /** The items of rows, without those that make no sense: they leave their state, so that nobody meets them again. */
  #itemsOf(rows: readonly Row[]): readonly QueueItem[] {
    const items: QueueItem[] = [];
    for (const row of rows) {
      const item = itemOf(row);
      if (item !== undefined) items.push(item);
      else this.#statements.passOver.run(row['key'] ?? null);
    }
    return items;
  }

  #tally(): Tally {
    const rows = this.#read(() => this.#statements.tally.all());
    return new Map(
      rows.map(({ state, files, bytes }) => [String(state), { files: Number(files), bytes: Number(bytes) }]),
    );
  }

  #update(columns: string): StatementSync {
    const known = this.#updates.get(columns);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(`UPDATE item SET ${columns} WHERE key = ?`);
    this.#updates.set(columns, statement);
    return statement;
  }

  #write<T>(work: () => T): T {
    return this.#read(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        // A full disk makes SQLite roll back by itself.
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw queueError(error, this.#file);
    }
  }
}

function checkCount(count: number): void {
  if (count > MAX_CHANGES) throw new RangeError(`${String(count)} rows at once; MAX_CHANGES is ${String(MAX_CHANGES)}`);
}
