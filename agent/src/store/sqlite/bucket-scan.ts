import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EntryRange } from '../repair-reads.ts';
import { isAfter, namedPosition, parseNamedPosition } from '../entry-position.ts';
import { bucketByteOf, NAMED } from '../set-digest.ts';
import { IMAGE_COLUMNS } from './image-row.ts';
import { integerOf, textOf, type Row } from './row-values.ts';

/** Records that one slice looks at: some 10 ms; other reads get their turn between slices. */
export const SLICE_ROWS = 5000;
/** Above every character, so `prefix + LAST` ends the range of all texts that begin with `prefix`. */
const LAST = '\u{10ffff}';
const ALL_BUCKETS = 256;

export interface ScannedRow {
  readonly bucket: number;
  readonly fold: string;
  readonly row: Row;
}

/** What one slice found, and where the next one goes on; null at the end of the range. */
export interface ScanSlice {
  readonly rows: readonly ScannedRow[];
  readonly looked: number;
  readonly next: string | null;
}

/**
 * The records of some buckets in the order of their positions. A day of generated names is one range of the key, of which
 * every name is hashed to tell its bucket: that costs a second a million, and only where two servers differ, while an
 * index would cost every upload. Named images lie everywhere and have an index.
 */
export class BucketScan {
  readonly #window: StatementSync;
  readonly #day: StatementSync;
  readonly #someOfDay: StatementSync;
  readonly #named: StatementSync;
  #wanted: ReadonlySet<number> = new Set();

  constructor(database: DatabaseSync) {
    database.function('is_wanted_bucket', (fold) => (this.#wanted.has(bucketByteOf(String(fold))) ? 1 : 0));
    this.#window = database.prepare(
      `SELECT count(*) AS rows, max(fold) AS last
       FROM (SELECT fold FROM image WHERE fold > ? AND fold <= ? ORDER BY fold LIMIT ?)`,
    );
    const range = `SELECT ${IMAGE_COLUMNS} FROM image WHERE fold > ? AND fold <= ?`;
    this.#day = database.prepare(`${range} AND named_bucket IS NULL ORDER BY fold`);
    this.#someOfDay = database.prepare(`${range} AND named_bucket IS NULL AND is_wanted_bucket(fold) ORDER BY fold`);
    this.#named = database.prepare(
      `SELECT ${IMAGE_COLUMNS} FROM image WHERE named_bucket = ? AND fold > ? AND fold <= ? ORDER BY fold LIMIT ?`,
    );
  }

  slice(range: Omit<EntryRange, 'view'>): ScanSlice {
    return range.day === NAMED ? this.#sliceOfNamed(range) : this.#sliceOfDay(range);
  }

  #sliceOfDay({ day, buckets, after, upTo }: Omit<EntryRange, 'view'>): ScanSlice {
    const start = after === '' ? `${day}/` : after;
    const end = upTo ?? `${day}/${LAST}`;
    const window = this.#window.get(start, end, SLICE_ROWS) ?? {};
    const looked = integerOf(window, 'rows');
    if (looked === 0) return { rows: [], looked, next: null };
    const last = textOf(window, 'last');
    const isAll = buckets.length === ALL_BUCKETS;
    if (!isAll) this.#wanted = new Set(buckets);
    const rows = (isAll ? this.#day : this.#someOfDay).all(start, last).map((row) => {
      const fold = textOf(row, 'fold');
      return { bucket: bucketByteOf(fold), fold, row };
    });
    return { rows, looked, next: looked < SLICE_ROWS ? null : last };
  }

  /** Bucket by bucket, until a slice is full. */
  #sliceOfNamed({ buckets, after, upTo }: Omit<EntryRange, 'view'>): ScanSlice {
    const rows: ScannedRow[] = [];
    const start = parseNamedPosition(after);
    const end = upTo === null ? { bucket: ALL_BUCKETS, fold: '' } : parseNamedPosition(upTo);
    for (const bucket of [...buckets].sort((a, b) => a - b)) {
      if (bucket < start.bucket || bucket > end.bucket) continue;
      const from = bucket === start.bucket ? start.fold : '';
      const to = bucket === end.bucket ? end.fold : LAST;
      for (const row of this.#named.all(bucket, from, to, SLICE_ROWS - rows.length)) {
        rows.push({ bucket, fold: textOf(row, 'fold'), row });
      }
      const last = rows.at(-1);
      if (rows.length === SLICE_ROWS && last !== undefined) {
        const next = namedPosition(last.bucket, last.fold);
        return { rows, looked: rows.length, next: upTo !== null && !isAfter(upTo, next) ? null : next };
      }
    }
    return { rows, looked: rows.length, next: null };
  }
}
