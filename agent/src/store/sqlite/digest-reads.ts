import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { isInView, versionFloor, type BucketDigest, type DayDigest, type DigestView } from '../repair-reads.ts';
import { bucketOf, DigestSum, type SetDigest } from '../set-digest.ts';
import type { BucketScan } from './bucket-scan.ts';
import { BUCKET_COLUMNS, digestOf, storedDigest } from './bucket-table.ts';
import { IMAGE_COLUMNS, recordOf } from './image-row.ts';
import type { Cursor, Slice } from './protocol.ts';
import { integerOf, textOf } from './row-values.ts';

/** Bucket rows that one slice adds up, and tombstones that it takes out. */
const SLICE_BUCKETS = 5000;

/** Where a slice goes on: among the bucket rows, within the records of one day, or among old tombstones. */
type Place =
  | { readonly at: 'days'; readonly after: string }
  | { readonly at: 'records'; readonly day: string; readonly buckets: readonly number[]; readonly after: string }
  | { readonly at: 'tombstones'; readonly version: string; readonly fold: string };
type Part = Omit<SetDigest, 'digest'> & { readonly digest: Uint8Array | string };
type Emit = (day: string, bucket: number, part: Part) => void;

const EVERY_BUCKET = Array.from({ length: 256 }, (_, bucket) => bucket);
const FIRST_TOMBSTONE: Place = { at: 'tombstones', version: '', fold: '' };

/**
 * Digests of a view. What the writer keeps is used as it is, except for buckets that hold a version later than the view:
 * their records are looked at, one by one. Tombstones that are too old are in what the writer keeps, and taken out last;
 * they are few, because they are thrown away. A day may come in several parts, which have to be added up.
 */
export class DigestReads {
  readonly #scan: BucketScan;
  readonly #nextDay: StatementSync;
  readonly #day: StatementSync;
  readonly #tombstones: StatementSync;

  constructor(database: DatabaseSync, scan: BucketScan) {
    this.#scan = scan;
    this.#nextDay = database.prepare('SELECT day FROM bucket WHERE day > ? ORDER BY day LIMIT 1');
    this.#day = database.prepare(`SELECT ${BUCKET_COLUMNS} FROM bucket WHERE day = ?`);
    this.#tombstones = database.prepare(
      `SELECT ${IMAGE_COLUMNS} FROM image WHERE present = 0 AND (version, fold) > (?, ?) AND version < ? ORDER BY version, fold LIMIT ?`,
    );
  }

  days(cursor: Cursor | null, view: DigestView): Slice<DayDigest> {
    const sums = new Map<string, DigestSum>();
    const next = this.#step(cursor, view, null, (day, _bucket, part) => sumAt(sums, day).add(part));
    return { items: [...sums].map(([day, sum]) => ({ day, ...sum.result() })), next };
  }

  buckets(cursor: Cursor | null, view: DigestView, day: string): Slice<BucketDigest> {
    const sums = new Map<number, DigestSum>();
    const next = this.#step(cursor, view, day, (_day, bucket, part) => sumAt(sums, bucket).add(part));
    return { items: [...sums].map(([bucket, sum]) => ({ bucket, ...sum.result() })), next };
  }

  /** From the records; the cursor is a position. */
  recount(cursor: Cursor | null, day: string): Slice<BucketDigest> {
    const sums = new Map<number, DigestSum>();
    const { rows, next } = this.#scan.slice({ day, buckets: EVERY_BUCKET, after: String(cursor ?? ''), upTo: null });
    for (const { bucket, row } of rows) sumAt(sums, bucket).add(digestOf(recordOf(row)));
    return { items: [...sums].map(([bucket, sum]) => ({ bucket, ...sum.result() })), next };
  }

  #step(cursor: Cursor | null, view: DigestView, only: string | null, emit: Emit): Cursor | null {
    const place: Place = cursor === null ? { at: 'days', after: '' } : (JSON.parse(String(cursor)) as Place);
    const next = this.#stepFrom(place, view, only, emit);
    return next === null ? null : JSON.stringify(next);
  }

  #stepFrom(place: Place, view: DigestView, only: string | null, emit: Emit): Place | null {
    switch (place.at) {
      case 'days':
        return this.#addBuckets(place.after, view, only, emit);
      case 'records': {
        const { day, buckets, after } = place;
        const { rows, next } = this.#scan.slice({ day, buckets, after, upTo: null });
        for (const { bucket, row } of rows) {
          const record = recordOf(row);
          if (isInView(record, { ...view, tombstonesFromMs: 0 })) emit(day, bucket, digestOf(record));
        }
        if (next !== null) return { ...place, after: next };
        return only === null ? { at: 'days', after: day } : FIRST_TOMBSTONE;
      }
      case 'tombstones':
        return this.#takeOutTombstones(place, view, only, emit);
    }
  }

  #addBuckets(after: string, view: DigestView, only: string | null, emit: Emit): Place {
    let looked = 0;
    let last = after;
    while (looked < SLICE_BUCKETS) {
      const day = only ?? this.#dayAfter(last);
      if (day === undefined) return FIRST_TOMBSTONE;
      const touched: number[] = [];
      for (const row of this.#day.all(day)) {
        const bucket = integerOf(row, 'bucket');
        if (view.untilMs !== null && integerOf(row, 'newest_ms') > view.untilMs) touched.push(bucket);
        else emit(day, bucket, storedDigest(row));
        looked += 1;
      }
      // Which buckets are looked into is fixed here: one that is written to meanwhile must not count twice.
      if (touched.length > 0) return { at: 'records', day, buckets: touched, after: '' };
      if (only !== null) return FIRST_TOMBSTONE;
      last = day;
    }
    return { at: 'days', after: last };
  }

  #dayAfter(day: string): string | undefined {
    const row = this.#nextDay.get(day);
    return row === undefined ? undefined : textOf(row, 'day');
  }

  #takeOutTombstones(
    { version, fold }: Place & { readonly at: 'tombstones' },
    view: DigestView,
    only: string | null,
    emit: Emit,
  ): Place | null {
    const end = versionFloor(Math.min(view.tombstonesFromMs, (view.untilMs ?? Infinity) + 1));
    const rows = this.#tombstones.all(version, fold, end, SLICE_BUCKETS);
    for (const row of rows) {
      const { stagingName: _stagingName, ...record } = recordOf(row);
      const { day, bucket } = bucketOf(textOf(row, 'fold'));
      if (only === null || day === only) emit(day, bucket, takenOut(record));
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < SLICE_BUCKETS) return null;
    return { at: 'tombstones', version: textOf(last, 'version'), fold: textOf(last, 'fold') };
  }
}

function takenOut(record: ImageRecord): SetDigest {
  const { records, images, bytes, digest } = digestOf(record);
  return { records: -records, images: -images, bytes: -bytes, oldestMs: null, digest };
}

function sumAt<K>(sums: Map<K, DigestSum>, key: K): DigestSum {
  const known = sums.get(key);
  if (known !== undefined) return known;
  const made = new DigestSum();
  sums.set(key, made);
  return made;
}
