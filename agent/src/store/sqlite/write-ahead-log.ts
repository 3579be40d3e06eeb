import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, truncateSync, writeSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { diskError, errnoOf } from '../disk/disk-error.ts';
import { integerOf } from './row-values.ts';

/** Pages in the log at which it is moved into the database. More than SQLite's own: a page that changes often is written once. */
const CHECKPOINT_FRAMES = 2000;
/** After a checkpoint that failed the log grows by so much before the next one is tried. */
const RETRY_FRAMES = 500;
/** https://sqlite.org/fileformat2.html#the_write_ahead_log */
const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const ZEROS = Buffer.alloc(256 * 1024);

/**
 * What may lie in the log behind its last commit. `clean`: nothing of ours that failed. `inherited`: unknown, an earlier
 * process wrote it. `torn`: a transaction whose sync failed.
 */
type Tail = 'clean' | 'inherited' | 'torn';

/**
 * Keeps SQLite's log and database such that a sync that succeeds means what it says, also after one that has failed. When
 * a sync fails, the system keeps the unwritten pages in memory and calls them clean. Written again in place they look
 * right, and the next sync succeeds; but where the first try was to fill new room of a file, ext4 never enters it as
 * filled, and a power cut leaves a hole there and ends everything behind it. So no place where a sync failed is written a
 * second time: it is cut off the file first. See docs/adr/0008-no-place-is-synced-twice.md.
 */
export class WriteAheadLog {
  readonly #database: DatabaseSync;
  readonly #file: string;
  /** Of the database. Open as long as the connection: closing it drops the locks that SQLite holds on the same file. */
  readonly #fd: number;
  readonly #whereabouts: StatementSync;
  readonly #pageBytes: number;
  #tail: Tail = 'inherited';
  #checkpointAt = CHECKPOINT_FRAMES;

  private constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#file = file;
    this.#fd = openSync(file, 'r+');
    this.#whereabouts = database.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#pageBytes = this.#pragma('page_size');
  }

  /** Of a database in WAL mode that does no checkpoints by itself. */
  static of(database: DatabaseSync, file: string): WriteAheadLog {
    return new WriteAheadLog(database, file);
  }

  /** To be called before each transaction; throws DISK_FULL or IO_FAILED while no sync could be believed. */
  prepare(): void {
    if (this.#tail === 'clean') return;
    if (this.#tail === 'inherited') this.#empty();
    else this.#cutOff();
    this.#tail = 'clean';
  }

  /** The disk failed a transaction. */
  failed(): void {
    if (this.#tail === 'clean') this.#tail = 'torn';
  }

  /** Moves a log that has become long into the database. A failure loses nothing: the log stays, and grows. */
  checkpointIfLong(): void {
    if (this.#tail !== 'clean') return;
    const { frames, isMoved } = this.#position();
    if (frames < this.#checkpointAt || isMoved) return;
    try {
      this.#makeRoom();
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
      this.#checkpointAt = CHECKPOINT_FRAMES;
    } catch {
      this.#checkpointAt = frames + RETRY_FRAMES;
    }
  }

  /** Closes the database too. */
  close(): void {
    try {
      // What SQLite moves at its end is to find room that was made for it.
      this.prepare();
      this.#makeRoom();
    } catch {
      // Then the log stays where it is, and the next start has it.
    }
    this.#database.close();
    closeSync(this.#fd);
  }

  /**
   * Everything goes into the database and the log to length 0. What an earlier process left behind may be a transaction
   * whose sync failed; read from memory it looks committed, and written to the database it is.
   */
  #empty(): void {
    this.#makeRoom();
    const { busy } = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {};
    if (busy !== 0) throw new FleetError('IO_FAILED', `another program is reading ${this.#file}`);
  }

  /** Nothing that is committed lies there: SQLite has taken the failed transaction back. */
  #cutOff(): void {
    const { frames } = this.#position();
    const size = frames === 0 ? 0 : LOG_HEADER_BYTES + frames * (FRAME_HEADER_BYTES + this.#pageBytes);
    try {
      truncateSync(`${this.#file}-wal`, size);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw diskError(error, `cut a failed write off the log of ${this.#file}`);
    }
  }

  /**
   * Lets the database file have the length that a checkpoint will give it, on the disk. The checkpoint itself then fills no
   * new room: it cannot fail for want of it, and what it has to try again it may write in place.
   */
  #makeRoom(): void {
    const wanted = this.#pragma('page_count') * this.#pageBytes;
    const { size } = fstatSync(this.#fd);
    if (size >= wanted) return;
    try {
      for (let at = size; at < wanted;) at += writeSync(this.#fd, ZEROS, 0, Math.min(ZEROS.length, wanted - at), at);
      fdatasyncSync(this.#fd);
    } catch (error) {
      ftruncateSync(this.#fd, size);
      throw diskError(error, `make room in ${this.#file}`);
    }
  }

  /** Pages in the log up to its last commit, and whether all of them are in the database: then the next one is the first. */
  #position(): { readonly frames: number; readonly isMoved: boolean } {
    const row = this.#whereabouts.get() ?? {};
    const frames = integerOf(row, 'log');
    return { frames, isMoved: integerOf(row, 'checkpointed') >= frames };
  }

  #pragma(name: string): number {
    return integerOf(this.#database.prepare(`PRAGMA ${name}`).get() ?? {}, name);
  }
}
