import { DatabaseSync } from 'node:sqlite';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { fillBuckets } from './bucket-migration.ts';
import { integerOf, pragma, textOf } from './row-values.ts';
import { sqliteError } from './sqlite-error.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** "IMFL": tells a catalog from every other SQLite file (https://sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x494d464c;
/** Another connection holds the file only for the moment of a checkpoint. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * One migration per version of the schema; `user_version` counts those that have run.
 *
 * Sizes at ten million images decide the form. `fold` is the case-folded path: the primary key of a WITHOUT ROWID table,
 * so a record lies in the key's own tree and needs no second one; `path` is null where it equals `fold`, which holds
 * for every generated name. An id is found as a range of `fold`. `image_sha256` serves look-ups by content.
 * `image_staged` and `delivery_failed` are partial: they hold only the few rows that are asked for, and `image_named` and
 * `image_tombstone` leave out the generated names, which are nearly all: a day of those is one range of the key.
 */
const MIGRATIONS: readonly (string | ((database: DatabaseSync) => void))[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE image (
    fold TEXT PRIMARY KEY,
    path TEXT,
    present INTEGER NOT NULL,
    version TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sha256 BLOB,
    size_bytes INTEGER,
    media_type TEXT,
    original_name TEXT,
    staging_name TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX image_sha256 ON image (sha256) WHERE present = 1;
  CREATE INDEX image_staged ON image (staging_name) WHERE staging_name IS NOT NULL;
  CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fold TEXT NOT NULL,
    path TEXT,
    server TEXT NOT NULL,
    version TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    cause_code TEXT,
    cause_message TEXT,
    first_failed_at INTEGER,
    queued_at INTEGER NOT NULL,
    UNIQUE (fold, server)
  ) STRICT;
  CREATE INDEX delivery_queue ON delivery (server, state, id);
  CREATE INDEX delivery_failed ON delivery (server, next_attempt_at) WHERE state = 'failed';
  INSERT INTO meta VALUES ('image_count', '0'), ('clock', '0 0');
  `,
  fillBuckets,
];

export interface WritableDatabase {
  readonly database: DatabaseSync;
  readonly log: WriteAheadLog;
}

/** Opens or creates the catalog for writing and brings its schema up to date. Nothing that exists is ever thrown away. */
export function openForWriting(file: string): WritableDatabase {
  return guarded(file, () => {
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    let log: WriteAheadLog | undefined;
    try {
      checkOwner(database, file);
      // FULL, not NORMAL: in WAL mode only FULL syncs at each commit, and what is acknowledged must survive a power cut.
      // No checkpoints by SQLite itself, which tells nobody when they fail: see WriteAheadLog.
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -4096;
      `);
      log = WriteAheadLog.of(database, file);
      prepareIfPossible(log);
      migrate(database);
      return { database, log };
    } catch (error) {
      if (log === undefined) database.close();
      else log.close();
      throw error;
    }
  });
}

/** Opens a catalog that `openForWriting` has opened in this process before. Reads never wait for the writer's fsync. */
export function openForReading(file: string): DatabaseSync {
  return guarded(file, () => {
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readOnly: true });
    database.exec('PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2048;');
    return database;
  });
}

/** On a disk that is full an agent still serves; whatever wants to write tries again. */
function prepareIfPossible(log: WriteAheadLog): void {
  try {
    log.prepare();
  } catch {
    // The first transaction says why.
  }
}

function guarded<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw sqliteError(error, file);
  }
}

function checkOwner(database: DatabaseSync, file: string): void {
  const owner = pragma(database, 'application_id');
  const tables = integerOf(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() ?? {}, 'tables');
  if (owner !== APPLICATION_ID && (owner !== 0 || tables > 0)) {
    throw new FleetError('CFG_INVALID', `${file} is the database of another program`, {
      hint: 'Move it away, or correct dataDir.',
    });
  }
  if (owner === APPLICATION_ID && pragma(database, 'user_version') > MIGRATIONS.length) {
    throw new FleetError('CFG_INVALID', `${file} was written by a newer version of imagefleet`, {
      hint: 'Install that version again, or a newer one.',
    });
  }
}

function migrate(database: DatabaseSync): void {
  const done = pragma(database, 'user_version');
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < done) continue;
    // One transaction with the version: a crash leaves either the old schema or the new one.
    database.exec(`BEGIN IMMEDIATE; PRAGMA application_id = ${String(APPLICATION_ID)};`);
    if (typeof migration === 'string') database.exec(migration);
    else migration(database);
    database.exec(`PRAGMA user_version = ${String(index + 1)}; COMMIT;`);
  }
}

/** The random id of this server in its catalog; undefined before the first start gave it one. */
export function readServerId(database: DatabaseSync): string | undefined {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'server_id'").get();
  return row === undefined ? undefined : textOf(row, 'value');
}
