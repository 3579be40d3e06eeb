import { constants } from 'node:fs';
import { lstat, open, stat, unlink } from 'node:fs/promises';
import type { OpenImage } from '../image-store.ts';
import { diskError, errnoOf } from './disk-error.ts';

/** Runs work on the disk; whatever it fails with becomes DISK_FULL or IO_FAILED. */
export async function attempt<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(error, action);
  }
}

/** The file, open for reading; undefined when there is none, or something else has its name. */
export async function openFile(file: string): Promise<OpenImage | undefined> {
  return attempt(`open ${file}`, async () => {
    const handle = await open(file, constants.O_RDONLY).catch((error: unknown) => {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      throw error;
    });
    if (handle === undefined) return undefined;
    try {
      const stat = await handle.stat();
      if (stat.isFile()) return { handle, sizeBytes: stat.size, modifiedAt: stat.mtimeMs };
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return undefined;
  });
}

/** Undefined where there is no file. */
export async function fileSize(file: string): Promise<number | undefined> {
  return attempt(`look at ${file}`, async () => {
    const found = await stat(file).catch((error: unknown) => {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      throw error;
    });
    return found?.isFile() === true ? found.size : undefined;
  });
}

export async function unlinkIfThere(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
  });
}

export async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    },
  );
}

/** Whether two names lead to one file; false when one of them leads nowhere. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  // As big numbers: those of NTFS are larger than a number holds exactly.
  const [a, b] = await Promise.all([one, other].map((file) => lstat(file, { bigint: true }).catch(ignoreMissing)));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function ignoreMissing(error: unknown): undefined {
  if (errnoOf(error) === 'ENOENT') return undefined;
  throw error;
}
