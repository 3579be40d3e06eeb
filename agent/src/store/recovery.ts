import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { Catalog, CatalogRecord } from './catalog.ts';
import { hashCopy } from './hash-copy.ts';
import type { ImageStore } from './image-store.ts';

export interface RecoveryReport {
  /** Renames that were finished now, or had been and were only not noted. */
  readonly recovered: number;
  /** Records whose bytes are neither staged nor at their path: a peer must send them again. */
  readonly lost: readonly CatalogRecord[];
  /** Records that the disk or the catalog failed for; they stay as they are, and the next start tries them again. */
  readonly failed: readonly { readonly record: CatalogRecord; readonly error: unknown }[];
}

/**
 * Finishes overwrites that a crash cut between their commit and their rename. To be called at start, after
 * `catalog.start` and `store.start(names of catalog.listStaged())`, before anything is served. The bytes are hashed
 * first: after a power cut the staged file may be missing while the path still holds the old image, which must not pass
 * for the new one. One record that fails keeps no other from its rename, and no server from its start: it is read from
 * the staged file as before. Rejects only when the catalog cannot list them.
 */
export async function recoverStaged(
  catalog: Pick<Catalog, 'listStaged' | 'clearStaging'>,
  store: Pick<ImageStore, 'open' | 'publish'>,
): Promise<RecoveryReport> {
  const lost: CatalogRecord[] = [];
  const failed: { readonly record: CatalogRecord; readonly error: unknown }[] = [];
  let recovered = 0;
  for (const record of await catalog.listStaged()) {
    try {
      const outcome = await recoverOne(record, catalog, store);
      if (outcome === 'recovered') recovered += 1;
      else if (outcome === 'lost') lost.push(record);
    } catch (error) {
      failed.push({ record, error });
    }
  }
  return { recovered, lost, failed };
}

async function recoverOne(
  record: CatalogRecord,
  catalog: Pick<Catalog, 'clearStaging'>,
  store: Pick<ImageStore, 'open' | 'publish'>,
): Promise<'recovered' | 'lost' | 'notStaged'> {
  if (record.kind !== 'present' || record.stagingName === null) return 'notStaged';
  const path = record.path as ImagePath;
  const copy = await hashCopy(store, path, record.stagingName);
  if (copy?.sha256 !== record.sha256) return 'lost';
  await store.publish(record.stagingName, path);
  await catalog.clearStaging([{ path: record.path, version: record.version }]);
  return 'recovered';
}
