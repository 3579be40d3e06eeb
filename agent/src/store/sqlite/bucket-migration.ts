import type { DatabaseSync } from 'node:sqlite';
import { NAMED, bucketOf } from '../set-digest.ts';
import { BucketTable } from './bucket-table.ts';
import { IMAGE_COLUMNS, recordOf } from './image-row.ts';
import { textOf, type Row } from './row-values.ts';

/** Records that are read before the named ones among them are changed. */
const SLICE_ROWS = 10_000;

/** Version 2 of the schema: digests of the records, and the two indexes that comparing needs. About 5 s a million records, once. */
export function fillBuckets(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE bucket (
      day TEXT NOT NULL,
      bucket INTEGER NOT NULL,
      records INTEGER NOT NULL,
      images INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      oldest_ms INTEGER,
      newest_ms INTEGER NOT NULL,
      digest BLOB NOT NULL,
      PRIMARY KEY (day, bucket)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE image ADD COLUMN named_bucket INTEGER;
    CREATE INDEX image_named ON image (named_bucket) WHERE named_bucket IS NOT NULL;
    CREATE INDEX image_tombstone ON image (version) WHERE present = 0;
  `);
  const select = database.prepare(`SELECT ${IMAGE_COLUMNS} FROM image WHERE fold > ? ORDER BY fold LIMIT ?`);
  const name = database.prepare('UPDATE image SET named_bucket = ? WHERE fold = ?');
  const buckets = new BucketTable(database);
  for (let after: string | undefined = ''; after !== undefined;) {
    const rows: readonly Row[] = select.all(after, SLICE_ROWS);
    for (const row of rows) {
      const fold = textOf(row, 'fold');
      const key = bucketOf(fold);
      buckets.replace(key, undefined, recordOf(row));
      if (key.day === NAMED) name.run(key.bucket, fold);
    }
    buckets.save();
    after = rows.length < SLICE_ROWS ? undefined : textOf(rows.at(-1) ?? {}, 'fold');
  }
}
