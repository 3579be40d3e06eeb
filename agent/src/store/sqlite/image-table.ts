import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import type { CatalogRecord } from '../catalog.ts';
import { foldOf, IMAGE_COLUMNS, recordOf } from './image-row.ts';

/** The records, for the writing thread. Every method runs inside a transaction of the caller. */
export class ImageTable {
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #clearStaging: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare(`SELECT ${IMAGE_COLUMNS} FROM image WHERE fold = ?`);
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO image (${IMAGE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#clearStaging = database.prepare('UPDATE image SET staging_name = NULL WHERE fold = ? AND version = ?');
  }

  /** Whatever is recorded under the folded path, in whichever spelling. */
  find(fold: string): CatalogRecord | undefined {
    const row = this.#find.get(fold);
    return row === undefined ? undefined : recordOf(row);
  }

  put(record: ImageRecord, stagingName: string | null): void {
    const fold = foldOf(record.path);
    const path = record.path === fold ? null : record.path;
    if (record.kind === 'tombstone') {
      this.#put.run(fold, path, 0, record.version, record.createdAt, null, null, null, null, stagingName);
      return;
    }
    const { version, createdAt, sha256, sizeBytes, mediaType, originalName } = record;
    const digest = Buffer.from(sha256, 'hex');
    this.#put.run(fold, path, 1, version, createdAt, digest, sizeBytes, mediaType, originalName, stagingName);
  }

  clearStaging(path: string, version: string): void {
    this.#clearStaging.run(foldOf(path), version);
  }
}
