import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { resultCodeOf, SQLITE_CORRUPT, SQLITE_NOTADB } from '../sqlite/sqlite-error.ts';
import { integerOf, pragma } from '../sqlite/row-values.ts';

/** "IMFH": tells a history from every other SQLite file. */
const APPLICATION_ID = 0x494d4648;
/** A history that another program holds locked is tried again at the next write; the thread may have other work. */
const BUSY_TIMEOUT_MS = 0;
const SUFFIXES = ['', '-wal', '-shm'];

/**
 * One migration per version; `user_version` counts those that have run. Roll-ups are keyed by time first: the rows that
 * are written at one time lie together, and so do those that are too old.
 */
const MIGRATIONS = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('rolled_until', 0), ('runs_from', 0), ('hours_from', 0);
  CREATE TABLE server (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, seen_at INTEGER NOT NULL,
    raw_from INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL) STRICT;
  CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    server INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    from_state TEXT,
    lasted_ms INTEGER,
    cause_code TEXT,
    cause_message TEXT,
    is_confirmed INTEGER
  ) STRICT;
  CREATE INDEX change_server ON change (server, id);
  CREATE TABLE uptime (
    level INTEGER NOT NULL,
    at INTEGER NOT NULL,
    server INTEGER NOT NULL,
    up_ms INTEGER NOT NULL,
    down_ms INTEGER NOT NULL,
    warming_ms INTEGER NOT NULL,
    maintenance_ms INTEGER NOT NULL,
    PRIMARY KEY (level, at, server)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE latency (
    level INTEGER NOT NULL,
    at INTEGER NOT NULL,
    server INTEGER NOT NULL,
    count INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    min_ms REAL,
    max_ms REAL,
    sum_ms REAL NOT NULL,
    histogram BLOB NOT NULL,
    PRIMARY KEY (level, at, server)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sample (
    at INTEGER NOT NULL,
    server INTEGER NOT NULL,
    samples BLOB NOT NULL,
    PRIMARY KEY (at, server)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE incident (id TEXT PRIMARY KEY, opened_at INTEGER NOT NULL, closed_at INTEGER, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX incident_opened ON incident (opened_at);
  `,
];

/** Opens or creates a history. A file that is damaged is set aside as `<file>.damaged`, and a new one is begun. */
export function openHistory(file: string): DatabaseSync {
  try {
    return open(file);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    setAside(file);
    return open(file);
  }
}

/** Whether a failure says that the file itself is of no use any more. */
export function isDamaged(error: unknown): boolean {
  const code = resultCodeOf(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** The one that was set aside before goes: history is worth a look, and no growing heap of files. */
export function setAside(file: string): void {
  for (const suffix of SUFFIXES) {
    rmSync(`${file}.damaged${suffix}`, { force: true });
    try {
      renameSync(file + suffix, `${file}.damaged${suffix}`);
    } catch {
      // There is none, or it cannot be moved; then opening it again says why.
    }
  }
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    checkOwner(database, file);
    // NORMAL: a power cut may take the last seconds of history, and no commit waits for a disk.
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA journal_size_limit = 4194304;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -1024;
    `);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkOwner(database: DatabaseSync, file: string): void {
  const owner = pragma(database, 'application_id');
  const tables = integerOf(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() ?? {}, 'tables');
  const isOurs = owner === APPLICATION_ID || (owner === 0 && tables === 0);
  if (!isOurs) {
    throw new FleetError('HISTORY_UNAVAILABLE', `${file} is the database of another program`, {
      hint: 'Move it away, or choose another dataDir.',
    });
  }
  if (pragma(database, 'user_version') > MIGRATIONS.length) {
    throw new FleetError('HISTORY_UNAVAILABLE', `${file} was written by a newer version of imagefleet`, {
      hint: 'Install that version again, or move the file away to begin a new history.',
    });
  }
}

function migrate(database: DatabaseSync): void {
  const done = pragma(database, 'user_version');
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < done) continue;
    database.exec(`BEGIN IMMEDIATE; PRAGMA application_id = ${String(APPLICATION_ID)};
      ${migration} PRAGMA user_version = ${String(index + 1)}; COMMIT;`);
  }
}
