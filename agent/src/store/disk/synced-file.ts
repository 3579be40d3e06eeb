import { closeSync, fdatasync, fsync, open, openSync, unlink, write, writev } from 'node:fs';
import { promisify } from 'node:util';
import { diskError } from './disk-error.ts';

/*
 * Descriptors and callbacks instead of FileHandle: an upload opens, writes, syncs and closes once, and FileHandles
 * took 56 microseconds of JavaScript a file for that, callbacks 31. Closing is synchronous: what is synced closes in
 * some 4 microseconds, and one trip to the thread pool less is a tenth of what a file costs.
 */
const openFile = promisify(open);
const syncData = promisify(fdatasync);
const syncAll = promisify(fsync);
const unlinkFile = promisify(unlink);

type WriteCallback = (error: Error | null, written: number) => void;

/** Writes everything: one call may write less than it was given (signals, quotas), the rest follows. */
function writeWhole(fd: number, chunks: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const step = (rest: readonly Uint8Array[]): void => {
      const onWritten: WriteCallback = (error, written) => {
        if (error !== null) reject(error);
        else {
          const left = dropBytes(rest, written);
          if (left.length === 0) resolve();
          else step(left);
        }
      };
      const only = rest[0];
      if (rest.length === 1 && only !== undefined) write(fd, only, 0, only.length, null, onWritten);
      else writev(fd, rest, onWritten);
    };
    step(chunks);
  });
}

function dropBytes(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let index = 0;
  let left = count;
  for (let chunk = chunks[index]; chunk !== undefined && left >= chunk.length; chunk = chunks[index]) {
    left -= chunk.length;
    index += 1;
  }
  const cut = chunks[index];
  return cut === undefined ? [] : [cut.subarray(left), ...chunks.slice(index + 1)];
}

function failure(action: string): (error: unknown) => never {
  return (error) => {
    throw diskError(error, action);
  };
}

/** A new file that is either synced and closed by `finish`, or gone after `abandon`. Errors: DISK_FULL, IO_FAILED. */
export class SyncedFile {
  readonly #path: string;
  #fd: number | null;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /** Fails with EEXIST when the name is taken: a staged file never overwrites another one. */
  static async create(path: string): Promise<SyncedFile> {
    const fd = await openFile(path, 'wx').catch(failure(`create ${path}`));
    return new SyncedFile(path, fd);
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#fd === null) throw new Error('write after the end of a staged file');
    await writeWhole(this.#fd, chunks).catch(failure(`write ${this.#path}`));
  }

  /** Returns when the bytes are on the disk. fdatasync, not fsync: the size is part of it, times do not matter. */
  async finish(): Promise<void> {
    if (this.#fd === null) throw new Error('a staged file ends once');
    await syncData(this.#fd).catch(failure(`sync ${this.#path}`));
    this.#close();
  }

  async abandon(): Promise<void> {
    try {
      this.#close();
    } finally {
      await unlinkFile(this.#path).catch(failure(`remove ${this.#path}`));
    }
  }

  #close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd === null) return;
    try {
      closeSync(fd);
    } catch (error) {
      throw diskError(error, `close ${this.#path}`);
    }
  }
}

/**
 * Makes the names in a folder durable. Windows cannot open a folder for that; NTFS journals its names by itself. Only the
 * fsync goes to the pool: the folder was used a moment ago, so opening it reads nothing from the disk.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    await syncAll(fd);
  } finally {
    closeSync(fd);
  }
}
