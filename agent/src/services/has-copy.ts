import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { CatalogRecord } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';

/** Whether the disk has a file of the record's size. Its bytes are not read: what rots is for the scrub to find. */
export async function hasCopy(
  store: Pick<ImageStore, 'open'>,
  record: CatalogRecord & PresentRecord,
): Promise<boolean> {
  const copy = await store.open(record.path as ImagePath, record.stagingName);
  await copy?.handle.close();
  return copy?.sizeBytes === record.sizeBytes;
}
