import { close, fdatasync, fsync, open, unlink, write, writev } from 'node:fs';
import { promisify } from 'node:util';
import { diskError } from './disk-error.ts';

/*
 * Descriptors and callbacks instead of FileHandle: an upload opens, writes, syncs and closes once, and FileHandles
 * took 56 microseconds of JavaScript a file for that, callbacks 31.
 */
const openFile = promisify(open);
const closeFile = promisify(close);
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
    await this.#close();
  }

  async abandon(): Promise<void> {
    // The name must go even when the descriptor does not.
    await this.#close().catch(() => undefined);
    await unlinkFile(this.#path).catch(failure(`remove ${this.#path}`));
  }

  async #close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) await closeFile(fd).catch(failure(`close ${this.#path}`));
  }
}

/** Makes the names in a folder durable. Windows cannot open a folder for that; NTFS journals its names by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const fd = await openFile(folder, 'r');
  try {
    await syncAll(fd);
  } finally {
    await closeFile(fd);
  }
}
