import { foldPath, idOfPath, parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog } from '#store/catalog.ts';
import { hashCopy } from '#store/hash-copy.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { PathLocks } from '#store/path-locks.ts';
import { freshTrashName } from '#store/trash.ts';
import { inParallel } from '../repair/in-parallel.ts';

/** Records in one page, and files that are read at the same time. */
const PAGE = 1000;
const READ_WIDTH = 4;

export interface StaleNamedDeps {
  readonly store: Pick<ImageStore, 'open' | 'keepOld' | 'unpublish'>;
  readonly catalog: Pick<Catalog, 'listImages' | 'find'>;
  /** The same locks as local writes take. */
  readonly locks: PathLocks;
  readonly now: () => number;
  readonly uuid: () => string;
  readonly logger: Logger;
}

/**
 * Moves the files of named images to the trash that have not the bytes of their record. For an image folder that was
 * exchanged for an older one: of an image that was overwritten since, it has the old bytes, maybe in the same size, which
 * no look at sizes finds. What was moved is missing, and comes back like anything else that is. Generated names need no
 * such look, because their bytes never change.
 */
export async function retireStale(deps: StaleNamedDeps, signal: AbortSignal): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined;) {
    const page: readonly PresentRecord[] = await deps.catalog.listImages({ after, limit: PAGE });
    const named = page.filter(({ path }) => idOfPath(path) === undefined);
    await inParallel(named, READ_WIDTH, async (record) => {
      signal.throwIfAborted();
      await retireIfStale(record, deps);
    });
    after = page.length < PAGE ? undefined : page.at(-1)?.path;
  }
}

async function retireIfStale(listed: PresentRecord, deps: StaleNamedDeps): Promise<void> {
  const { store, catalog, locks, now, uuid, logger } = deps;
  const path = parseImagePath(listed.path);
  const { version, sha256 } = listed;
  const record = await catalog.find(path);
  if (record?.version !== version) return;
  const copy = await hashCopy(store, path, record.stagingName).catch((error: unknown) => {
    // One file that cannot be read keeps no other from coming back.
    logger.warn('reseed.fileNotRead', { path, error });
    return undefined;
  });
  if (copy === undefined || copy.sha256 === sha256) return;
  await locks.run([foldPath(path)], async () => {
    // Somebody wrote another version meanwhile, and with it other bytes.
    if ((await catalog.find(path))?.version !== version) return;
    if (!(await store.keepOld(path, freshTrashName(now(), uuid())))) return;
    await store.unpublish(path);
    logger.warn('reseed.staleFile', { path });
  });
}
