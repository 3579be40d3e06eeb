import { hash } from 'node:crypto';
import { closeSync, fdatasync, fstatSync, openSync, readSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { onceFree } from '@imagefleet/shared/node/rename-when-free.ts';
import { allocateOwned, freeOwned } from '../owned-buffer.ts';
import { diskError, errnoOf } from './disk-error.ts';
import type { DirectorySync } from './directory-sync.ts';
import type { SmallFiles, WholeFile } from './small-files.ts';

const syncData = promisify(fdatasync);

/**
 * The work on small files, on whichever thread it is called. Everything but the syncs is synchronous: it ends in the
 * page cache after some ten microseconds, while a trip to the thread pool of libuv and back takes a hundred. Syncs go to
 * the pool, because the disk is fast only when it gets many of them at once.
 */
export class FileWork implements SmallFiles {
  readonly #directories: DirectorySync;

  constructor(directories: DirectorySync) {
    this.#directories = directories;
  }

  async write(file: string, bytes: Buffer<ArrayBuffer>): Promise<string> {
    // Fails when the name is taken: a staged file never overwrites another one.
    const fd = attempt(`create ${file}`, () => openSync(file, 'wx'));
    let isOpen = true;
    try {
      attempt(`write ${file}`, () => writeWhole(fd, bytes));
      const sha256 = hash('sha256', bytes);
      freeOwned(bytes);
      // The size is part of what fdatasync writes; times do not matter.
      await syncData(fd).catch((error: unknown) => {
        throw diskError(error, `sync ${file}`);
      });
      isOpen = false;
      attempt(`close ${file}`, () => closeSync(fd));
      return sha256;
    } catch (error) {
      // The first failure is the one to report; a file that cannot be removed now goes at the next start.
      abandon(file, isOpen ? fd : undefined);
      throw error;
    }
  }

  async rename(from: string, to: string): Promise<string | null> {
    try {
      await onceFree(async () => renameSync(from, to), process.platform);
    } catch (error) {
      return errnoOf(error) ?? String(error);
    }
    const folder = dirname(to);
    await this.#directories.sync(folder).catch((error: unknown) => {
      throw diskError(error, `sync ${folder}`);
    });
    return null;
  }

  read(file: string, sizeBytes: number): Promise<WholeFile> {
    return new Promise((resolve) => {
      resolve(attempt(`read ${file}`, () => readWhole(file, sizeBytes)));
    });
  }
}

/** One call may write less than it was given (signals, quotas); the rest follows. */
function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at);
}

function readWhole(file: string, sizeBytes: number): WholeFile {
  const fd = openIfThere(file);
  if (fd === undefined) return 'missing';
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return 'missing';
    if (stat.size !== sizeBytes) return 'otherSize';
    const bytes = allocateOwned(sizeBytes);
    for (let at = 0; at < sizeBytes;) {
      const count = readSync(fd, bytes, at, sizeBytes - at, at);
      if (count === 0) return 'otherSize';
      at += count;
    }
    return bytes;
  } finally {
    closeSync(fd);
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw error;
  }
}

function abandon(file: string, fd: number | undefined): void {
  try {
    if (fd !== undefined) closeSync(fd);
    unlinkSync(file);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

function attempt<T>(action: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw diskError(error, action);
  }
}
