import { parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Catalog, CatalogRecord } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import { unknownTrashName } from '#store/trash.ts';

/**
 * Whether `incoming` brings the very bytes that our own record speaks of, and they are not on the disk in their size: the
 * record then makes nothing superfluous. Acknowledging the copy without them would let the sender forget that we lack it.
 * A file that cannot be looked up counts as missing; never rejects.
 */
export async function lacksOwnBytes(
  incoming: ImageRecord,
  own: CatalogRecord | undefined,
  store: Pick<ImageStore, 'sizeOf'>,
): Promise<boolean> {
  if (own?.kind !== 'present' || incoming.kind !== 'present' || own.sha256 !== incoming.sha256) return false;
  const sizeBytes = await store.sizeOf(parseImagePath(own.path), own.stagingName).catch(() => undefined);
  return sizeBytes !== own.sizeBytes;
}

/** Gives staged bytes of our own record their path. Under the lock of the path. */
export async function putOwnBytesBack(
  stagingName: string,
  own: CatalogRecord,
  {
    store,
    catalog,
  }: {
    readonly store: Pick<ImageStore, 'keepOld' | 'publish'>;
    readonly catalog: Pick<Catalog, 'clearStaging'>;
  },
): Promise<void> {
  const path = parseImagePath(own.path);
  // A file of the wrong size may be all that is left of something; it is kept as an overwritten one is.
  await store.keepOld(path, unknownTrashName(own.version));
  await store.publish(stagingName, path);
  if (own.stagingName !== null) await catalog.clearStaging([{ path: own.path, version: own.version }]);
}
