import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { idOfPath, parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Catalog } from '#store/catalog.ts';
import { NAMED } from '#store/set-digest.ts';
import { newestFirst } from '../repair/compare-entries.ts';
import { inParallel } from '../repair/in-parallel.ts';
import { restoreFromMany, type ManySources, type RefillProgress } from './restore-from-many.ts';
import type { LackedImage } from './restore-batch.ts';

/** Records in one page, and files that are looked at at the same time. */
const PAGE = 1000;
const LOOK_WIDTH = 32;

export interface RefillDeps extends ManySources {
  readonly catalog: ManySources['catalog'] & Pick<Catalog, 'digestDays' | 'findMany' | 'listImages' | 'requeue'>;
  /** Deliveries may go out again. */
  readonly wake: () => void;
}

/**
 * Looks whether every image of the catalog has its file, in its size, and fetches those again that have not: the newest
 * day first, because its images are asked for most, named images last. Files are asked for one by one and not read as
 * folders: that also finds those that were cut short. Resumes by itself, because what is there is not fetched again.
 */
export async function refill(deps: RefillDeps, progress: RefillProgress, signal: AbortSignal): Promise<void> {
  const days = await deps.catalog.digestDays({ untilMs: null, tombstonesFromMs: 0 });
  for (const day of newestFirst(days.map((one) => one.day))) {
    const isWanted = ({ path }: PresentRecord): boolean => (day === NAMED) === (idOfPath(path) === undefined);
    const prefix = day === NAMED ? '' : `${day}/`;
    for (let after: string | undefined = ''; after !== undefined;) {
      const page: readonly PresentRecord[] = await deps.catalog.listImages({ prefix, after, limit: PAGE });
      await refillPage(page.filter(isWanted), deps, progress, signal);
      after = page.length < PAGE ? undefined : page.at(-1)?.path;
    }
  }
  // They died of the missing file; what still has none dies again.
  const revived = await deps.catalog.requeue({ cause: 'OWN_COPY_MISSING', states: ['dead'] });
  if (revived.length > 0) deps.wake();
}

async function refillPage(
  page: readonly PresentRecord[],
  deps: RefillDeps,
  progress: RefillProgress,
  signal: AbortSignal,
): Promise<void> {
  const seeming: string[] = [];
  await inParallel(page, LOOK_WIDTH, async ({ path, sizeBytes }) => {
    signal.throwIfAborted();
    if ((await deps.store.sizeOf(parseImagePath(path))) !== sizeBytes) seeming.push(path);
  });
  // The listed record does not tell whether its bytes are still staged; only what seems missing is looked up again.
  const records = await deps.catalog.findMany(seeming);
  const lacking: LackedImage[] = [];
  await inParallel([...records.values()], LOOK_WIDTH, async (record) => {
    if (record.kind !== 'present') return;
    const sizeBytes = await deps.store.sizeOf(parseImagePath(record.path), record.stagingName);
    if (sizeBytes !== record.sizeBytes) lacking.push(record);
  });
  progress.done += page.length - lacking.length;
  if (lacking.length === 0) return;
  const silent = new FleetError('PEER_UNREACHABLE', 'no server answers that could have the missing images');
  if (!(await restoreFromMany(lacking, deps, progress, signal))) throw silent;
}
