import { open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MAX_STATUS_FILE_CHARACTERS } from '@imagefleet/shared/common/status-file/decode-status-file.ts';
import { readBounded } from '@imagefleet/shared/node/read-bounded.ts';
import { isTemporaryOf, writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';
import { errnoOf } from '#store/disk/disk-error.ts';
import type { StatusDisk } from './status-disk.ts';

/** A file system of this machine, or one that is mounted on it. */
export const localStatusDisk: StatusDisk = {
  read: (path) => unlessMissing(readText(path), undefined),
  // Where a link has the name, the file behind it is replaced: whoever made the link reads that one.
  replace: async (path, text) => writeFileAtomically(await targetOf(path), text, { keepsAccess: true }),
  replaceLightly: (path, text) => writeFileAtomically(path, text, { keepsAccess: true, isDurable: false }),
  mark: (path) => unlessMissing(markOf(path), null),
  async sweep(path) {
    const target = await targetOf(path);
    const folder = dirname(target);
    for (const name of await readdir(folder)) {
      if (isTemporaryOf(basename(target), name)) await rm(join(folder, name), { force: true });
    }
  },
};

/** What is too large to be a status file is none, so nobody need read it. */
async function readText(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    return (await readBounded(handle, MAX_STATUS_FILE_CHARACTERS)) ?? '';
  } finally {
    await handle.close();
  }
}

async function targetOf(path: string): Promise<string> {
  return unlessMissing(realpath(path), path);
}

async function markOf(path: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(path, { bigint: true });
  return [ino, size, mtimeNs].join(' ');
}

async function unlessMissing<T, U>(work: Promise<T>, missing: U): Promise<T | U> {
  try {
    return await work;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return missing;
    throw error;
  }
}
