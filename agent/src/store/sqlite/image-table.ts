import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import type { CatalogRecord } from '../catalog.ts';
import { NAMED, bucketOf } from '../set-digest.ts';
import type { BucketTable } from './bucket-table.ts';
import { foldOf, IMAGE_COLUMNS, recordOf } from './image-row.ts';

/** The records, for the writing thread. Every method runs inside a transaction of the caller. */
export class ImageTable {
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #clearStaging: StatementSync;
  readonly #buckets: BucketTable;

  constructor(database: DatabaseSync, buckets: BucketTable) {
    this.#buckets = buckets;
    this.#find = database.prepare(`SELECT ${IMAGE_COLUMNS} FROM image WHERE fold = ?`);
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO image (${IMAGE_COLUMNS}, named_bucket) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#clearStaging = database.prepare('UPDATE image SET staging_name = NULL WHERE fold = ? AND version = ?');
  }

  /** Whatever is recorded under the folded path, in whichever spelling. */
  find(fold: string): CatalogRecord | undefined {
    const row = this.#find.get(fold);
    return row === undefined ? undefined : recordOf(row);
  }

  /** `replaced` is what `find` told of the record's fold. */
  put(record: ImageRecord, stagingName: string | null, replaced: CatalogRecord | undefined): void {
    const fold = foldOf(record.path);
    const key = bucketOf(fold);
    this.#buckets.replace(key, replaced, record);
    const named = key.day === NAMED ? key.bucket : null;
    const path = record.path === fold ? null : record.path;
    if (record.kind === 'tombstone') {
      this.#put.run(fold, path, 0, record.version, record.createdAt, null, null, null, null, stagingName, named);
      return;
    }
    const { version, createdAt, sha256, sizeBytes, mediaType, originalName } = record;
    const digest = Buffer.from(sha256, 'hex');
    this.#put.run(fold, path, 1, version, createdAt, digest, sizeBytes, mediaType, originalName, stagingName, named);
  }

  clearStaging(path: string, version: string): void {
    this.#clearStaging.run(foldOf(path), version);
  }
}
