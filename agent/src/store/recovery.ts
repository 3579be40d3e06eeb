import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { Catalog, CatalogRecord } from './catalog.ts';
import { hashCopy } from './hash-copy.ts';
import type { ImageStore } from './image-store.ts';

export interface RecoveryReport {
  /** Renames that were finished now, or had been and were only not noted. */
  readonly recovered: number;
  /** Records whose bytes are neither staged nor at their path: a peer must send them again. */
  readonly lost: readonly CatalogRecord[];
}

/**
 * Finishes overwrites that a crash cut between their commit and their rename. To be called at start, after
 * `catalog.start` and `store.start(names of catalog.listStaged())`, before anything is served. The bytes are hashed
 * first: after a power cut the staged file may be missing while the path still holds the old image, which must not pass
 * for the new one.
 */
export async function recoverStaged(
  catalog: Pick<Catalog, 'listStaged' | 'clearStaging'>,
  store: Pick<ImageStore, 'open' | 'publish'>,
): Promise<RecoveryReport> {
  const lost: CatalogRecord[] = [];
  let recovered = 0;
  for (const record of await catalog.listStaged()) {
    if (record.kind !== 'present' || record.stagingName === null) continue;
    const path = record.path as ImagePath;
    const copy = await hashCopy(store, path, record.stagingName);
    if (copy?.sha256 === record.sha256) {
      await store.publish(record.stagingName, path);
      await catalog.clearStaging([{ path: record.path, version: record.version }]);
      recovered += 1;
    } else {
      lost.push(record);
    }
  }
  return { recovered, lost };
}
