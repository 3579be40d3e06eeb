import { constants } from 'node:fs';
import { copyFile, link, open, rename } from 'node:fs/promises';
import { errnoOf } from './disk-error.ts';
import { isThere, unlinkIfThere } from './plain-files.ts';

/** Failures of a hard link on file systems that have none, or no more of them. */
const NO_LINK = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** Absolute paths on one file system. */
export interface KeptFile {
  readonly from: string;
  readonly to: string;
  /** Where a copy grows while it is none yet; a name that the next start throws away. */
  readonly spare: string;
}

/** What a file system may lack, or fail at; for tests. */
export interface KeepFileSystem {
  readonly link: (from: string, to: string) => Promise<void>;
  /** Returns when the bytes of the file are on the disk. */
  readonly sync: (file: string) => Promise<void>;
}

const SYSTEM: KeepFileSystem = { link, sync: syncFile };

/**
 * Gives the bytes of `from` a second name, `to`; false when there are none. A name that is there already was kept by an
 * earlier try, whole, and stays as it is. The caller syncs the folder of `to`. Throws the system's errors.
 */
export async function keepFile({ from, to, spare }: KeptFile, system: KeepFileSystem = SYSTEM): Promise<boolean> {
  try {
    await system.link(from, to);
    return true;
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return false;
    if (errno === 'EEXIST') return true;
    if (!NO_LINK.has(errno)) throw error;
  }
  return copyWhole({ from, to, spare }, system);
}

/**
 * Where there are no hard links. What is kept is overwritten next, so its copy must be on the disk first, and its name
 * must never stand for a part of it: a copy that a crash cut short would pass for one that an earlier try kept.
 */
async function copyWhole({ from, to, spare }: KeptFile, { sync }: KeepFileSystem): Promise<boolean> {
  if (await isThere(to)) return true;
  try {
    await copyFile(from, spare, constants.COPYFILE_FICLONE);
    await sync(spare);
    await rename(spare, to);
    return true;
  } catch (error) {
    // The first failure is the one to report; a spare that cannot be removed now goes at the next start.
    await unlinkIfThere(spare).catch(() => undefined);
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return false;
    throw error;
  }
}

async function syncFile(file: string): Promise<void> {
  // For writing: Windows flushes no file that was opened to be read.
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
