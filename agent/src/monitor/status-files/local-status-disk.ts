import { open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MAX_STATUS_FILE_CHARACTERS } from '@imagefleet/shared/common/status-file/decode-status-file.ts';
import { isTemporaryOf, writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';
import { errnoOf } from '#store/disk/disk-error.ts';
import type { StatusDisk } from './status-disk.ts';

/** A file system of this machine, or one that is mounted on it. */
export const localStatusDisk: StatusDisk = {
  read: (path) => unlessMissing(readBounded(path), undefined),
  replace: (path, text) => writeFileAtomically(path, text, { keepsAccess: true }),
  replaceLightly: (path, text) => writeFileAtomically(path, text, { isDurable: false }),
  mark: (path) => unlessMissing(markOf(path), null),
  async sweep(path) {
    const folder = dirname(path);
    for (const name of await readdir(folder)) {
      if (isTemporaryOf(basename(path), name)) await rm(join(folder, name), { force: true });
    }
  },
};

/** What is too large to be a status file is none, so nobody need read it. */
async function readBounded(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    return size > MAX_STATUS_FILE_CHARACTERS ? '' : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
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
