import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { CatalogRecord, ImageListQuery } from '../catalog.ts';
import { foldOf, IMAGE_COLUMNS, presentOf, recordOf } from './image-row.ts';
import type { Cursor, Slice } from './protocol.ts';
import { integerOf, textOf } from './row-values.ts';

/** Records that one slice of a search looks at; other reads get their turn between slices. */
const SLICE_ROWS = 5000;
/** Above every character, so `prefix + LAST` ends the range of all texts that begin with `prefix`. */
const LAST = '\u{10ffff}';
const ABSENT = { rows: 0, last: null };

/** Questions about images, for the reading thread. */
export class ImageReads {
  readonly #find: StatementSync;
  readonly #range: StatementSync;
  readonly #byHash: StatementSync;
  readonly #staged: StatementSync;
  readonly #count: StatementSync;
  readonly #window: StatementSync;
  readonly #list: StatementSync;

  constructor(database: DatabaseSync) {
    const select = `SELECT ${IMAGE_COLUMNS} FROM image`;
    this.#find = database.prepare(`${select} WHERE fold = ?`);
    this.#range = database.prepare(`${select} WHERE fold > ? AND fold < ? AND present = 1 LIMIT 1`);
    this.#byHash = database.prepare(`${select} WHERE sha256 = ? AND present = 1 ORDER BY fold LIMIT 1`);
    this.#staged = database.prepare(`${select} WHERE staging_name IS NOT NULL ORDER BY fold`);
    this.#count = database.prepare("SELECT CAST(value AS INTEGER) AS images FROM meta WHERE name = 'image_count'");
    this.#window = database.prepare(
      `SELECT count(*) AS rows, max(fold) AS last
       FROM (SELECT fold FROM image WHERE fold > ? AND fold < ? ORDER BY fold LIMIT ?)`,
    );
    this.#list = database.prepare(
      `${select} WHERE fold > :after AND fold <= :last AND present = 1
         AND (:search IS NULL OR instr(fold, :search) OR instr(lower(original_name), :search))
       ORDER BY fold LIMIT :limit`,
    );
  }

  recordAt(fold: string): CatalogRecord | undefined {
    const row = this.#find.get(fold);
    return row === undefined ? undefined : recordOf(row);
  }

  /** The record of exactly this spelling. */
  find(path: string): CatalogRecord | undefined {
    const record = this.recordAt(foldOf(path));
    return record?.path === path ? record : undefined;
  }

  findMany(paths: readonly string[]): ReadonlyMap<string, CatalogRecord> {
    return recordsOf(paths, (path) => this.find(path));
  }

  findManyAnyCase(paths: readonly string[]): ReadonlyMap<string, CatalogRecord> {
    return recordsOf(paths, (path) => this.recordAt(foldOf(path)));
  }

  findById(id: string): CatalogRecord | undefined {
    const start = `${foldOf(id)}.`;
    const row = this.#range.get(start, start + LAST);
    return row === undefined ? undefined : recordOf(row);
  }

  /** One image per hash, the first by path: who asks wants to know whether to send the bytes, not every name of them. */
  findByHashes(hashes: readonly string[]): readonly PresentRecord[] {
    return [...new Set(hashes)].flatMap((sha256) => {
      const row = this.#byHash.get(Buffer.from(sha256, 'hex'));
      return row === undefined ? [] : [presentOf(recordOf(row))];
    });
  }

  listStaged(): readonly CatalogRecord[] {
    return this.#staged.all().map(recordOf);
  }

  countImages(): number {
    return integerOf(this.#count.get() ?? {}, 'images');
  }

  /** A search may look at every record there is, so it goes in slices; the cursor is `items found:last fold`. */
  list(cursor: Cursor | null, { prefix, search, after, limit }: ImageListQuery): Slice<PresentRecord> {
    const [, found = '0', lastSeen = ''] = /^(\d+):(.*)$/s.exec(String(cursor ?? '')) ?? [];
    const range = foldOf(prefix ?? '');
    const start = cursor !== null ? lastSeen : later(after === undefined ? '' : foldOf(after), range);
    const { rows, last } = this.#windowAfter(start, range + LAST);
    if (last === null) return { items: [], next: null };
    const wanted = limit - Number(found);
    const matches = this.#list.all({
      after: start,
      last,
      search: search === undefined || search === '' ? null : search.normalize('NFC').toLowerCase(),
      limit: wanted,
    });
    const items = matches.map((row) => presentOf(recordOf(row)));
    const isDone = rows < SLICE_ROWS || items.length >= wanted;
    return { items, next: isDone ? null : `${String(Number(found) + items.length)}:${last}` };
  }

  #windowAfter(after: string, end: string): { readonly rows: number; readonly last: string | null } {
    const window = this.#window.get(after, end, SLICE_ROWS) ?? ABSENT;
    const rows = integerOf(window, 'rows');
    return { rows, last: rows === 0 ? null : textOf(window, 'last') };
  }
}

function recordsOf(
  paths: readonly string[],
  find: (path: string) => CatalogRecord | undefined,
): ReadonlyMap<string, CatalogRecord> {
  const found = new Map<string, CatalogRecord>();
  for (const path of paths) {
    const record = find(path);
    if (record !== undefined) found.set(path, record);
  }
  return found;
}

function later(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0 ? a : b;
}
