import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { DamagedQueueError, isDamage, queueError } from './queue-error.ts';
import { migrate } from './queue-schema.ts';
import { SqliteUploadQueue } from './sqlite-upload-queue.ts';

export interface OpenedQueue {
  readonly queue: SqliteUploadQueue;
  /** Where the old file lies that could not be read any more; null when there was none, or it was good. */
  readonly setAsideAs: string | null;
}

/** Long enough for an engine that is just ending. */
const BUSY_TIMEOUT_MS = 500;
/** The log first: left behind, SQLite would take it for the new queue's own and write its pages into it. */
const SUFFIXES = ['-wal', '-shm', ''];
const MAX_NAMES = 100;

/**
 * Opens or creates the queue; its folder must exist. A file that is damaged is set aside under a name with the date, and an
 * empty queue takes its place. Errors: CFG_INVALID for a file that is not ours or of a newer version, PATH_BUSY while another
 * engine has it, DISK_FULL, IO_FAILED.
 */
export function openUploadQueue(file: string, now: number): OpenedQueue {
  try {
    try {
      return { queue: open(file), setAsideAs: null };
    } catch (error) {
      if (!isDamage(error)) throw error;
      const setAsideAs = setAside(file, now);
      return { queue: open(file), setAsideAs };
    }
  } catch (error) {
    throw queueError(error, file);
  }
}

function open(file: string): SqliteUploadQueue {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // EXCLUSIVE: a second engine would send the same files, and put in doubt what the first one is sending. It comes before
    // the journal mode, because the first look into the log decides whether others can share it.
    // NORMAL: kill -9 takes nothing; a power cut may take the last changes, which are found again by id and hash.
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA journal_size_limit = 16777216;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -8192;
    `);
    migrate(database, file);
    const verdict = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (verdict !== 'ok') throw new DamagedQueueError(String(verdict));
    return new SqliteUploadQueue(database, file);
  } catch (error) {
    database.close();
    throw error;
  }
}

function setAside(file: string, now: number): string {
  const name = freeName(`${file}.damaged-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}`);
  for (const suffix of SUFFIXES) {
    if (!existsSync(file + suffix)) continue;
    try {
      renameSync(file + suffix, name + suffix);
    } catch (error) {
      throw new FleetError('IO_FAILED', `the upload queue ${file} is damaged and cannot be set aside`, {
        cause: error,
        hint: 'Move the file away; a new upload queue begins in its place.',
      });
    }
  }
  return name;
}

function freeName(name: string): string {
  for (let number = 1; number < MAX_NAMES; number += 1) {
    const candidate = number === 1 ? name : `${name}-${String(number)}`;
    if (!existsSync(candidate)) return candidate;
  }
  throw new FleetError('IO_FAILED', `too many damaged upload queues beside ${name}`, { hint: 'Remove them.' });
}
