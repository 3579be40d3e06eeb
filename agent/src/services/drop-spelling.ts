import { foldPath, parseImagePath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { PathLocks } from '#store/path-locks.ts';
import { freshTrashName } from '#store/trash.ts';

export interface DropSpellingDeps {
  readonly store: Pick<ImageStore, 'isSameFile' | 'keepOld' | 'unpublish'>;
  readonly catalog: Pick<Catalog, 'findAnyCase'>;
  readonly locks: PathLocks;
  readonly now: () => number;
  readonly uuid: () => string;
}

/**
 * Moves the file at `path` to the trash when the record of that path has another spelling and a file of its own: what is
 * left of an image that lost to one whose path differs in upper and lower case only. False when it has not been one.
 */
export function dropSpelling(path: ImagePath, deps: DropSpellingDeps): Promise<boolean> {
  const { store, catalog, locks, now, uuid } = deps;
  return locks.run([foldPath(path)], async () => {
    const record = await catalog.findAnyCase(path);
    if (record?.kind !== 'present' || record.path === path) return false;
    // A disk that folds names may list the winner under the spelling that its folder has always had.
    if (await store.isSameFile(path, parseImagePath(record.path))) return false;
    // A name that nobody has used: the trash takes a name that is there for bytes that are there.
    if (!(await store.keepOld(path, freshTrashName(now(), uuid())))) return false;
    await store.unpublish(path);
    return true;
  });
}
