import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './disk-error.ts';
import { syncFolder } from './synced-file.ts';

/**
 * Makes a folder with its parents, and returns when its name survives a power cut. Its parent is synced also when the
 * folder was there: who made it may have died before the sync.
 */
export async function makeDurableFolder(folder: string, sync = syncFolder): Promise<void> {
  const first = (await mkdir(folder, { recursive: true })) ?? folder;
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    await sync(dirname(at)).catch((error: unknown) => {
      // A parent that we may not read is not ours: an administrator made the folder in it, long before we came.
      if (errnoOf(error) !== 'EACCES') throw error;
    });
    if (at === first) return;
  }
}
