import type { DatabaseSync } from 'node:sqlite';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { UNSETTLED_STATES } from './queue-item.ts';

/** "IMFQ": tells a queue from every other SQLite file (https://sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x494d4651;

/** The state of rows that make no sense. It is none of ITEM_STATES, so no query for a state ever meets them again. */
export const DAMAGED_STATE = 'damaged';

/** A size as it is counted and read; a number that JavaScript cannot hold would fail the whole page that it is in. */
export function safeInteger(column: string): string {
  return `iif(${column} BETWEEN 0 AND ${String(Number.MAX_SAFE_INTEGER)}, ${column}, NULL)`;
}

/** Those that are looked for when a file is added; the partial index and the look-up must say the same. */
export const IS_UNSETTLED = `state IN (${UNSETTLED_STATES.map((state) => `'${state}'`).join(', ')})`;

const SIZE_OF = {
  new: `ifnull(${safeInteger('new.size_bytes')}, 0)`,
  old: `ifnull(${safeInteger('old.size_bytes')}, 0)`,
};
const COUNT_IN = `
  INSERT INTO tally VALUES (new.state, 1, ${SIZE_OF.new})
  ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;`;
const COUNT_OUT = `UPDATE tally SET files = files - 1, bytes = bytes - ${SIZE_OF.old} WHERE state = old.state;`;

/**
 * One migration per version; `user_version` counts those that have run. A migration that has been released never changes:
 * states, names and limits that it takes from constants have to be written out in it when those constants change.
 *
 * Triggers keep the tally, because they also see what no code of ours does. `item_ready` and `item_waiting` together hold each
 * item once, so that a thousand items which wait for their next try are not read each time the next one to send is asked for;
 * SQLite ends every entry of an index with the key. Inodes are REAL: NTFS uses all 64 bits, which neither a JavaScript number
 * nor a signed column holds. There are no CHECKs, because `quick_check` would condemn the whole file for one row that fails one.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE item (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL,
    path TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ms REAL NOT NULL,
    inode REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    sha256 BLOB,
    id TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at REAL,
    failure_code TEXT,
    failure_message TEXT,
    image_path TEXT,
    image_link TEXT,
    is_forced INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX item_unsettled ON item (file) WHERE ${IS_UNSETTLED};
  CREATE INDEX item_ready ON item (state) WHERE retry_at IS NULL;
  CREATE INDEX item_waiting ON item (state, retry_at) WHERE retry_at IS NOT NULL;
  CREATE TABLE tally (
    state TEXT PRIMARY KEY,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER item_added AFTER INSERT ON item BEGIN ${COUNT_IN} END;
  CREATE TRIGGER item_removed AFTER DELETE ON item BEGIN ${COUNT_OUT} END;
  CREATE TRIGGER item_changed AFTER UPDATE OF state, size_bytes ON item
    WHEN new.state <> old.state OR new.size_bytes <> old.size_bytes
    BEGIN ${COUNT_OUT} ${COUNT_IN} END;
  CREATE TABLE known_hash (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL UNIQUE,
    size_bytes INTEGER NOT NULL,
    mtime_ms REAL NOT NULL,
    inode REAL NOT NULL,
    sha256 BLOB NOT NULL
  ) STRICT;
  `,
  // For `idOf`; only what was sent once has an id.
  'CREATE INDEX item_sent ON item (sha256) WHERE id IS NOT NULL;',
];

/** Of every queue that is open: opening brings it there. */
export const QUEUE_SCHEMA_VERSION = MIGRATIONS.length;

/** Brings an open database to our version. Errors: CFG_INVALID for the file of another program or of a newer version. */
export function migrate(database: DatabaseSync, file: string): void {
  const done = pragma(database, 'user_version');
  const owner = pragma(database, 'application_id');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (owner !== APPLICATION_ID && !(owner === 0 && isEmpty)) {
    throw new FleetError('CFG_INVALID', `${file} is the database of another program`, {
      hint: 'Move it away; a new upload queue begins in its place.',
    });
  }
  if (done > MIGRATIONS.length) {
    throw new FleetError('CFG_INVALID', `the upload queue ${file} was written by a newer version of imagefleet`, {
      hint: 'Install that version again, or move the file away to begin a new queue.',
    });
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < done) continue;
    // One transaction with the version: a crash leaves either the old schema or the new one.
    database.exec(`BEGIN IMMEDIATE; PRAGMA application_id = ${String(APPLICATION_ID)};
      ${migration} PRAGMA user_version = ${String(index + 1)}; COMMIT;`);
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
