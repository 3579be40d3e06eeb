import { isVersion, skewBeyondLimitMs } from '@imagefleet/shared/common/image/version.ts';
import type { MergeOutcome, MergeWrite } from '../catalog.ts';
import type { CatalogState } from './catalog-state.ts';
import type { DeliveryTable } from './delivery-table.ts';
import { foldOf } from './image-row.ts';
import type { ImageTable } from './image-table.ts';

interface Tables {
  readonly images: ImageTable;
  readonly deliveries: DeliveryTable;
  readonly state: CatalogState;
}

/** A record from a peer against ours: the higher version wins, which makes the order of messages irrelevant. */
export function mergeFromPeer(
  { images, deliveries, state }: Tables,
  { record, stagingName }: MergeWrite,
  nowMs: number,
): MergeOutcome {
  const { version } = record;
  if (!isVersion(version)) return { outcome: 'refused', code: 'INPUT_INVALID', message: 'the version is malformed' };
  const aheadMs = skewBeyondLimitMs(version, nowMs);
  if (aheadMs > 0) {
    const seconds = String(Math.round(aheadMs / 1000));
    return {
      outcome: 'refused',
      code: 'VERSION_AHEAD',
      message: `the version is ${seconds} s ahead of the clock of this server`,
    };
  }
  const ours = images.find(foldOf(record.path));
  if (ours !== undefined && ours.version >= version) {
    return { outcome: ours.version === version ? 'already' : 'older' };
  }
  state.observe(version);
  if (ours !== undefined) deliveries.dropPath(record.path);
  images.put(record, stagingName, ours);
  const had = ours?.kind === 'present';
  const has = record.kind === 'present';
  state.countImages(has === had ? 0 : has ? 1 : -1);
  return { outcome: 'stored' };
}
