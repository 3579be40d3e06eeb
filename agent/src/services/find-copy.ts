import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { idOfPath, parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore, OpenImage } from '#store/image-store.ts';

export interface FindCopyDeps {
  readonly catalog: Pick<Catalog, 'findAnyCase'>;
  readonly store: Pick<ImageStore, 'open'>;
}

export interface FoundCopy {
  readonly record: PresentRecord;
  /** The caller closes its handle. */
  readonly open: OpenImage;
  /** A generated name: its bytes never change. */
  readonly isImmutable: boolean;
}

/** How often a named image may be overwritten between its look-up and its opening before we give up. */
const MAX_ROUNDS = 5;

/**
 * This server's copy of an image, with the record that describes exactly these bytes, under its path in any upper and
 * lower case, because links of old sites are written that way. Undefined when no image is there.
 * Throws OWN_COPY_MISSING or OWN_COPY_DAMAGED when the record has a copy and the disk has not: never other bytes.
 */
export async function findCopy(deps: FindCopyDeps, path: ImagePath): Promise<FoundCopy | undefined> {
  const isImmutable = idOfPath(path) !== undefined;
  for (let round = 1; ; round += 1) {
    const record = await deps.catalog.findAnyCase(path);
    if (record?.kind !== 'present') return undefined;
    // The record's own spelling: the disk may be case-sensitive where the caller is not.
    const open = await deps.store.open(parseImagePath(record.path), record.stagingName);
    try {
      const isFit = open !== undefined && open.sizeBytes === record.sizeBytes;
      if (isFit && (isImmutable || (await isCurrent(deps, record)))) return { record, open, isImmutable };
      if (round < MAX_ROUNDS && !(await isCurrent(deps, record))) {
        await open?.handle.close();
        continue;
      }
      if (isFit) throw new FleetError('PATH_BUSY', 'The image is overwritten all the time.');
      throw unfit(record, open);
    } catch (error) {
      await open?.handle.close();
      throw error;
    }
  }
}

async function isCurrent(deps: FindCopyDeps, record: PresentRecord): Promise<boolean> {
  return (await deps.catalog.findAnyCase(record.path))?.version === record.version;
}

function unfit(record: PresentRecord, open: OpenImage | undefined): FleetError {
  if (open === undefined) return new FleetError('OWN_COPY_MISSING', 'The file of this image is gone from this server.');
  const sizes = `${String(open.sizeBytes)} bytes instead of ${String(record.sizeBytes)}`;
  return new FleetError('OWN_COPY_DAMAGED', `The file of this image has ${sizes}.`);
}
