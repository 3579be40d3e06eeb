import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { asFleetError } from '../batch-intake.ts';
import { concernsPeer } from '../admission.ts';
import { FailureList, type RepairFailure } from '../repair/failure-list.ts';
import { inParallel } from '../repair/in-parallel.ts';
import { fetchesOf } from '../repair/pull-records.ts';
import { restoreBatch, type LackedImage, type RestoreBatchDeps } from './restore-batch.ts';
import type { CopyGiver } from '../repair/fetch-copies.ts';

/** Fetches that run at the same time with one peer. */
const LANES = 2;

export interface ManySources extends RestoreBatchDeps {
  /** Peers that answer, as far as is known. */
  readonly sources: () => readonly CopyGiver[];
}

/** How far the own files are back; grows meanwhile. */
export interface RefillProgress {
  /** Images whose file is there. */
  done: number;
  bytesDone: number;
  /** Images that no peer that was asked has whole. */
  readonly failed: FailureList;
  /** Peers that failed on the way; they are asked no more in this run. */
  readonly silent: Set<string>;
}

interface Failed {
  readonly image: LackedImage;
  readonly failure: RepairFailure;
}

export function newRefillProgress(): RefillProgress {
  return { done: 0, bytesDone: 0, failed: new FailureList(), silent: new Set() };
}

/**
 * Fetches the files of these records from all peers at once, each a part of them; what one has not got, the next is
 * asked for, until every peer was asked. False when no peer is left to ask. Rejects when the own disk takes no more.
 */
export async function restoreFromMany(
  images: readonly LackedImage[],
  deps: ManySources,
  progress: RefillProgress,
  signal: AbortSignal,
): Promise<boolean> {
  const sources = deps.sources().filter(({ name }) => !progress.silent.has(name));
  const homes = homesOf(images, sources.length);
  let open = images;
  let failures: readonly RepairFailure[] = [];
  for (let round = 0; round < sources.length && open.length > 0; round += 1) {
    const failed: Failed[] = [];
    const work = sources.map(async (source, index) => {
      const share = open.filter(({ path }) => ((homes.get(path) ?? 0) + round) % sources.length === index);
      await inParallel(batchesOf(share), LANES, async (batch) => {
        failed.push(...(await restoreShare(batch, source, { deps, progress, signal })));
      });
    });
    const ends = await Promise.allSettled(work);
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    open = failed.map(({ image }) => image);
    failures = failed.map(({ failure }) => failure);
  }
  if (open.length > 0 && sources.every(({ name }) => progress.silent.has(name))) return false;
  for (const failure of failures) progress.failed.add(failure);
  return true;
}

/** Which peer is asked first for each image: batch by batch another one. In each later round it is the next one's turn. */
function homesOf(images: readonly LackedImage[], count: number): ReadonlyMap<string, number> {
  const homes = new Map<string, number>();
  for (const [index, batch] of fetchesOf(images).entries())
    for (const { path } of batch) homes.set(path, index % count);
  return homes;
}

function batchesOf(images: readonly LackedImage[]): readonly (readonly LackedImage[])[] {
  const known = new Map(images.map((image) => [image.path, image]));
  return fetchesOf(images).map((batch) => batch.flatMap(({ path }) => known.get(path) ?? []));
}

async function restoreShare(
  batch: readonly LackedImage[],
  source: CopyGiver,
  {
    deps,
    progress,
    signal,
  }: { readonly deps: ManySources; readonly progress: RefillProgress; readonly signal: AbortSignal },
): Promise<readonly Failed[]> {
  const failureOf = (image: LackedImage, error: unknown) => {
    const { code, message } = asFleetError(error);
    return { image, failure: { path: image.path, code, message } };
  };
  signal.throwIfAborted();
  try {
    if (progress.silent.has(source.name)) {
      throw new FleetError('PEER_UNREACHABLE', `${source.name} does not answer`);
    }
    const { restored, failed } = await restoreBatch(batch, source, deps, signal);
    progress.done += restored.length;
    progress.bytesDone += restored.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return failed.map(({ image, error }) => failureOf(image, error));
  } catch (error) {
    signal.throwIfAborted();
    const { code } = asFleetError(error);
    if (code === 'DISK_FULL') throw error;
    if (concernsPeer(code)) progress.silent.add(source.name);
    return batch.map((image) => failureOf(image, error));
  }
}
