import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImageRecord, PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { isVersion } from '@imagefleet/shared/common/image/version.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import { commitBatch, type CommitDeps } from '../batch-commit.ts';
import { asFleetError, takeBatch, type TakenEntry } from '../batch-intake.ts';
import { parseManifest, type EntryOutcome } from '../batch-manifest.ts';
import type { StagingSlots } from '../staging-slots.ts';
import { inParallel } from './in-parallel.ts';
import type { Pulled } from './reconcile.ts';
import { MAX_FETCHED } from './repair-messages.ts';
import type { CopyGiver } from './fetch-copies.ts';

/** Bytes of one fetch; a larger image goes alone. */
const FETCH_BYTES = 4 * 1024 * 1024;
/** Fetches that run at the same time. */
const FETCH_WIDTH = 3;

export interface PullDeps extends CommitDeps {
  readonly store: CommitDeps['store'] & Pick<ImageStore, 'stage' | 'stageWhole'>;
  readonly catalog: Pick<Catalog, 'findManyAnyCase' | 'merge' | 'clearStaging'>;
  readonly slots: StagingSlots;
}

/**
 * Fetches the bytes of records and commits both as a batch that was pushed would be: the same locks, the same merge by
 * version. Rejects when the peer gives or our own disk takes no more; what one image lacks is told in `progress`.
 */
export async function pullRecords(
  records: readonly ImageRecord[],
  peer: CopyGiver,
  deps: PullDeps,
  { progress, signal }: { readonly progress: Pulled; readonly signal: AbortSignal },
): Promise<void> {
  const tombstones = records.filter((record) => record.kind === 'tombstone');
  if (tombstones.length > 0) {
    const outcomes = await commitBatch(tombstones.map(withoutBytes), deps);
    for (const [index, record] of tombstones.entries()) count(progress, record, outcomes[index]);
  }
  const batches = fetchesOf(records.filter((record) => record.kind === 'present'));
  await inParallel(batches, FETCH_WIDTH, (batch) => pullBatch(batch, { peer, deps, progress, signal }));
}

/** Cuts a list into fetches: by count and by bytes. */
export function fetchesOf(records: readonly PresentRecord[]): readonly (readonly PresentRecord[])[] {
  const batches: PresentRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const last = batches.at(-1);
    bytes += record.sizeBytes;
    if (last !== undefined && last.length < MAX_FETCHED && bytes <= FETCH_BYTES) {
      last.push(record);
    } else {
      batches.push([record]);
      bytes = record.sizeBytes;
    }
  }
  return batches;
}

interface BatchContext {
  readonly peer: CopyGiver;
  readonly deps: PullDeps;
  readonly progress: Pulled;
  readonly signal: AbortSignal;
}

async function pullBatch(
  batch: readonly PresentRecord[],
  { peer, deps, progress, signal }: BatchContext,
): Promise<void> {
  const answer = await peer.fetch(batch, signal);
  try {
    const { entries } = parseManifest(answer.line);
    const asked = new Map(batch.map((record) => [record.path, record]));
    assertAsked(entries, asked, peer.name);
    const intake = await takeBatch(entries, answer.decoder, deps);
    const outcomes = await commitBatch(intake.entries, deps);
    for (const [index, record] of entries.entries()) {
      asked.delete(record.path);
      count(progress, record, outcomes[index]);
    }
    if (intake.brokenBy !== undefined) throw intake.brokenBy;
    for (const { path } of asked.values()) {
      progress.failed.add({ path, code: 'OWN_COPY_MISSING', message: `${peer.name} has no whole copy of ${path}` });
    }
  } finally {
    answer.close();
  }
  assertRoom(progress);
}

function count(progress: Pulled, record: ImageRecord, outcome: EntryOutcome | undefined): void {
  if (outcome?.outcome === 'stored') {
    progress.pulled += 1;
    progress.bytes += record.kind === 'present' ? record.sizeBytes : 0;
  } else if (outcome?.outcome === 'older') {
    progress.older.push(record.path);
    progress.olderCount += 1;
  } else if (outcome?.outcome === 'error') {
    const { code, message } = outcome.error;
    progress.failed.add({ path: record.path, code, message });
  }
}

/** A full disk takes nothing of what would follow. */
function assertRoom({ failed }: Pulled): void {
  const full = failed.firstOf('DISK_FULL');
  if (full !== undefined) throw new FleetError('DISK_FULL', full.message);
}

function withoutBytes(record: ImageRecord): TakenEntry {
  try {
    const path = parseImagePath(record.path);
    if (!isVersion(record.version)) throw new FleetError('INPUT_INVALID', `${record.version} is not a version`);
    return { path, record, stagingName: null };
  } catch (error) {
    return { error: asFleetError(error) };
  }
}

/** Throws PEER_ANSWER_INVALID when a peer sends what it was not asked for. */
export function assertAsked(
  entries: readonly ImageRecord[],
  asked: ReadonlyMap<string, PresentRecord>,
  name: string,
): void {
  for (const entry of entries) {
    const wanted = asked.get(entry.path);
    if (entry.kind === 'present' && entry.version === wanted?.version && entry.sha256 === wanted.sha256) continue;
    throw new FleetError('PEER_ANSWER_INVALID', `${name} sent other images than it was asked for`);
  }
}
