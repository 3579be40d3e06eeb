import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FileStamp } from './queue-item.ts';
import { hashOf } from './queue-row.ts';

/** Some 200 bytes each. The oldest go, which are those of files that nobody has added for long. */
export const MAX_KNOWN_HASHES = 500_000;

/** Hashes of files by their stamp, so that a folder that is added again is not read again. */
export class KnownHashTable {
  readonly #find: StatementSync;
  readonly #keep: StatementSync;
  readonly #prune: StatementSync;
  readonly #limit: number;

  constructor(database: DatabaseSync, limit = MAX_KNOWN_HASHES) {
    this.#limit = limit;
    this.#find = database.prepare(
      'SELECT sha256 FROM known_hash WHERE file = ? AND size_bytes = ? AND mtime_ms = ? AND inode = ?',
    );
    // What is replaced comes back with the newest number, so the numbers tell the age.
    this.#keep = database.prepare(
      'INSERT OR REPLACE INTO known_hash (file, size_bytes, mtime_ms, inode, sha256) VALUES (?, ?, ?, ?, ?)',
    );
    this.#prune = database.prepare('DELETE FROM known_hash WHERE number <= (SELECT max(number) FROM known_hash) - ?');
  }

  find(file: string, { sizeBytes, mtimeMs, inode }: FileStamp): string | undefined {
    return hashOf(this.#find.get(file, sizeBytes, mtimeMs, inode)?.['sha256']) ?? undefined;
  }

  /** Runs inside a transaction of the caller. */
  keep(hashes: readonly (FileStamp & { readonly file: string; readonly sha256: string })[]): void {
    for (const { file, sizeBytes, mtimeMs, inode, sha256 } of hashes) {
      this.#keep.run(file, sizeBytes, mtimeMs, inode, Buffer.from(sha256, 'hex'));
    }
    this.#prune.run(this.#limit);
  }
}
