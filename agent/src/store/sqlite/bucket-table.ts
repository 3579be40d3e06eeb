import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { clockOf } from '@imagefleet/shared/common/image/version.ts';
import type { BucketCorrection } from '../repair-reads.ts';
import { DigestSum, entryHash, type BucketKey, type SetDigest } from '../set-digest.ts';
import { bytesOf, integerOf, nullableIntegerOf, type Row } from './row-values.ts';

export const BUCKET_COLUMNS = 'day, bucket, records, images, bytes, oldest_ms, newest_ms, digest';

/** Buckets that are kept in memory: a day has 256 of them, and uploads go to one day. */
const MAX_KNOWN = 1024;

interface Bucket extends BucketKey {
  readonly sum: DigestSum;
  newestMs: number;
}

/**
 * Digests of the records, a row per bucket, in the transactions that change the records. What a transaction changes is
 * summed up in memory and written once before its commit, and nothing is read that was written a moment ago.
 */
export class BucketTable {
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  /** As the disk has them, together with what the open transaction changes. */
  readonly #known = new Map<string, Bucket>();
  readonly #changed = new Set<Bucket>();

  constructor(database: DatabaseSync) {
    this.#find = database.prepare(`SELECT ${BUCKET_COLUMNS} FROM bucket WHERE day = ? AND bucket = ?`);
    this.#put = database.prepare(`INSERT OR REPLACE INTO bucket (${BUCKET_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  replace(key: BucketKey, replaced: ImageRecord | undefined, record: ImageRecord): void {
    const bucket = this.#bucketOf(key);
    if (replaced !== undefined) {
      const { records, images, bytes, digest } = digestOf(replaced);
      bucket.sum.add({ records: -records, images: -images, bytes: -bytes, oldestMs: null, digest });
    }
    bucket.sum.add(digestOf(record));
    bucket.newestMs = Math.max(bucket.newestMs, clockOf(record.version).wallMs);
    this.#changed.add(bucket);
  }

  /** How many were put right; those that were written to since they were counted stay as they are. */
  correct(corrections: readonly BucketCorrection[]): number {
    let corrected = 0;
    for (const { day, bucket, was, counted } of corrections) {
      const known = this.#bucketOf({ day, bucket });
      if (known.sum.result().digest !== was) continue;
      known.sum.replaceBy(counted);
      this.#changed.add(known);
      corrected += 1;
    }
    return corrected;
  }

  /** To be called before each COMMIT. */
  save(): void {
    for (const { day, bucket, sum, newestMs } of this.#changed) {
      const { records, images, bytes, oldestMs, digest } = sum;
      this.#put.run(day, bucket, records, images, bytes, oldestMs, newestMs, digest);
    }
    this.#changed.clear();
    if (this.#known.size > MAX_KNOWN) this.#known.clear();
  }

  /** Forgets what a rollback has undone. */
  drop(): void {
    this.#changed.clear();
    this.#known.clear();
  }

  #bucketOf({ day, bucket }: BucketKey): Bucket {
    const name = `${day}:${String(bucket)}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const found = { day, bucket, sum: new DigestSum(), newestMs: 0 };
    const row = this.#find.get(day, bucket);
    if (row !== undefined) {
      found.sum.add(storedDigest(row));
      found.newestMs = integerOf(row, 'newest_ms');
    }
    this.#known.set(name, found);
    return found;
  }
}

/** The digest of one record. */
export function digestOf(record: ImageRecord): SetDigest {
  const digest = entryHash(record);
  if (record.kind === 'tombstone') return { records: 1, images: 0, bytes: 0, oldestMs: null, digest };
  return { records: 1, images: 1, bytes: record.sizeBytes, oldestMs: clockOf(record.version).wallMs, digest };
}

export function storedDigest(row: Row): Omit<SetDigest, 'digest'> & { readonly digest: Uint8Array } {
  return {
    records: integerOf(row, 'records'),
    images: integerOf(row, 'images'),
    bytes: integerOf(row, 'bytes'),
    oldestMs: nullableIntegerOf(row, 'oldest_ms'),
    digest: bytesOf(row, 'digest'),
  };
}
