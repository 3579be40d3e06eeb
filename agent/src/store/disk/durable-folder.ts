import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { diskError, errnoOf } from './disk-error.ts';
import { syncFolder } from './synced-file.ts';

/**
 * Makes a folder with its parents, and returns when its name survives a power cut. Its parent is synced also when the
 * folder was there: who made it may have died before the sync.
 */
export async function makeDurableFolder(folder: string, sync = syncFolder): Promise<void> {
  const first = (await mkdir(folder, { recursive: true }).catch((error: unknown) => refuse(folder, error))) ?? folder;
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    await sync(dirname(at)).catch((error: unknown) => {
      // A parent that we may not read is not ours: an administrator made the folder in it, long before we came.
      if (errnoOf(error) !== 'EACCES') throw error;
    });
    if (at === first) return;
  }
}

/** What lies in the way of a folder, or the rights that are missing, somebody has to change. */
function refuse(folder: string, cause: unknown): never {
  const errno = errnoOf(cause);
  const isTaken = errno === 'EEXIST' || errno === 'ENOTDIR';
  if (isTaken) throw new FleetError('CFG_INVALID', `${folder} cannot be a folder: a file is in its place.`, { cause });
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS') {
    throw new FleetError('CFG_INVALID', `${folder} cannot be made: ${errno}.`, { cause });
  }
  throw diskError(cause, `make ${folder}`);
}
