import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { foldPath, parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Catalog, CatalogRecord } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { PathLocks } from '#store/path-locks.ts';
import { unknownTrashName } from '#store/trash.ts';
import { takeBatch, type TakenEntry } from '../batch-intake.ts';
import { parseManifest } from '../batch-manifest.ts';
import type { StagingSlots } from '../staging-slots.ts';
import type { CopyGiver } from '../repair/fetch-copies.ts';
import { assertAsked } from '../repair/pull-records.ts';

/** A record of this server whose file is missing or has another size. */
export type LackedImage = CatalogRecord & PresentRecord;

export interface RestoreBatchDeps {
  readonly store: Pick<ImageStore, 'sizeOf' | 'stage' | 'stageWhole' | 'publish' | 'keepOld' | 'discard'>;
  readonly catalog: Pick<Catalog, 'find' | 'clearStaging'>;
  /** The same locks as local writes take. */
  readonly locks: PathLocks;
  readonly slots: StagingSlots;
}

export interface RestoredBatch {
  readonly restored: readonly LackedImage[];
  /** What this peer did not bring, and why. */
  readonly failed: readonly { readonly image: LackedImage; readonly error: FleetError }[];
}

/**
 * Fetches the files of records that this server has already, from one peer, and puts them in their places. Records are
 * not touched, so nobody learns of it. Rejects when the peer gives or our disk takes no more.
 */
export async function restoreBatch(
  images: readonly LackedImage[],
  source: CopyGiver,
  deps: RestoreBatchDeps,
  signal: AbortSignal,
): Promise<RestoredBatch> {
  const asked = new Map(images.map((image) => [image.path, image]));
  const answer = await source.fetch(images, signal);
  try {
    const { entries } = parseManifest(answer.line);
    assertAsked(entries, asked, source.name);
    // Every body is taken: the record that would make it superfluous is the one whose file is missing.
    const catalog = { findManyAnyCase: () => Promise.resolve(new Map<string, CatalogRecord>()) };
    const intake = await takeBatch(entries, answer.decoder, { ...deps, catalog });
    const outcomes = new Map<string, FleetError | undefined>();
    const ends = await Promise.allSettled(
      entries.map(async ({ path }, index) => {
        const image = asked.get(path);
        if (image !== undefined) outcomes.set(path, await settle(image, intake.entries[index], deps));
      }),
    );
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    if (intake.brokenBy !== undefined) throw intake.brokenBy;
    return sorted(images, outcomes, source.name);
  } finally {
    answer.close();
  }
}

/** Undefined when the file is in its place; a full disk takes nothing of what would follow. */
async function settle(
  image: LackedImage,
  taken: TakenEntry | undefined,
  deps: RestoreBatchDeps,
): Promise<FleetError | undefined> {
  if (taken === undefined) return new FleetError('INTERNAL', 'an entry was not taken');
  if ('error' in taken) {
    if (taken.error.code === 'DISK_FULL') throw taken.error;
    return taken.error;
  }
  if (taken.stagingName === null) return undefined;
  try {
    await putBack(image, taken.stagingName, deps);
    return undefined;
  } catch (error) {
    // No record names it, and on a full disk its room is what the next try needs.
    await deps.store.discard(taken.stagingName).catch(() => undefined);
    throw error;
  }
}

async function putBack(
  { version, sizeBytes, ...image }: LackedImage,
  stagingName: string,
  { store, catalog, locks }: RestoreBatchDeps,
): Promise<void> {
  const path = parseImagePath(image.path);
  await locks.run([foldPath(path)], async () => {
    const there = await store.sizeOf(path);
    // Somebody wrote another version meanwhile, which has bytes of its own, or was faster.
    if ((await catalog.find(path))?.version !== version || there === sizeBytes) {
      await store.discard(stagingName);
      return;
    }
    // A file of the wrong size may be all that is left of something; it is kept as an overwritten one is.
    if (there !== undefined) await store.keepOld(path, unknownTrashName(version));
    await store.publish(stagingName, path);
    if (image.stagingName !== null) await catalog.clearStaging([{ path, version }]);
  });
}

function sorted(
  images: readonly LackedImage[],
  outcomes: ReadonlyMap<string, FleetError | undefined>,
  name: string,
): RestoredBatch {
  const isRestored = ({ path }: LackedImage): boolean => outcomes.has(path) && outcomes.get(path) === undefined;
  return {
    restored: images.filter(isRestored),
    failed: images
      .filter((image) => !isRestored(image))
      .map((image) => ({
        image,
        error:
          outcomes.get(image.path) ??
          new FleetError('OWN_COPY_MISSING', `${name} has no whole copy of exactly this version of ${image.path}`),
      })),
  };
}
