import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord, PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Catalog, CatalogRecord } from '#store/catalog.ts';
import { asFleetError } from '../batch-intake.ts';
import { pullRecords, type PullDeps } from '../repair/pull-records.ts';
import { newComparison } from '../repair/reconcile.ts';
import type { StagingSlots } from '../staging-slots.ts';
import type { CopySource } from './copy-source.ts';
import { restoreBatch, type RestoreBatchDeps } from './restore-batch.ts';
import type { CopyGiver } from '../repair/fetch-copies.ts';

/** Within this time the peers say what they have. */
const ASK_MS = 2_000;
/** What the slower peers get after the first one that has a copy: it may be an old version, and its bytes wait. */
const GRACE_MS = 100;
/** A whole fetch from one peer: this, and a second for each megabyte; then the next peer is asked. */
const FETCH_MS = 5_000;
const SLOWEST_BYTES_PER_MS = 1_000;

export interface FetchCopyDeps extends PullDeps, RestoreBatchDeps {
  readonly store: PullDeps['store'];
  readonly catalog: PullDeps['catalog'] & RestoreBatchDeps['catalog'] & Pick<Catalog, 'findAnyCase'>;
  /** Peers that are not known to be down. */
  readonly sources: () => readonly Pick<CopySource, 'name' | 'find' | 'fetch'>[];
  /** Peers of the configuration, those that are down too: what they have is not known. */
  readonly peerCount: number;
  /** How much is fetched at the same time. */
  readonly room: StagingSlots;
  /** Throws DISK_FULL when so many bytes have no room here; asked before a peer sends them. */
  readonly assertRoomFor: (sizeBytes: number) => Promise<void>;
}

export type FetchedCopy =
  | { readonly kind: 'kept'; readonly sizeBytes: number }
  | NotKeptCopy
  /** `isCertain`: every peer of the configuration has answered. */
  | { readonly kind: 'absent'; readonly isCertain: boolean };

/** The own disk takes it not, and peers have it. */
export interface NotKeptCopy {
  readonly kind: 'notKept';
  readonly record: PresentRecord;
  /** Names of the peers that have exactly this version whole. */
  readonly from: readonly string[];
  /** DISK_FULL or IO_FAILED. */
  readonly cause: FleetError;
}

/** Failures of the own disk: no other peer's copy would find a better one. */
const CANNOT_KEEP: ReadonlySet<string> = new Set(['DISK_FULL', 'IO_FAILED']);

interface Offer {
  readonly source: CopyGiver;
  readonly record: ImageRecord;
  readonly hasCopy: boolean;
}

/**
 * Brings one image here that is missing, in its newest version that a peer has whole, and keeps it. One hop: the peers
 * answer from their own disks. What the own disk takes not is told with who has it. Throws what the last peer that had it
 * failed with.
 */
export async function fetchCopy(path: ImagePath, deps: FetchCopyDeps, signal: AbortSignal): Promise<FetchedCopy> {
  const own = await deps.catalog.findAnyCase(path);
  if (own?.kind === 'tombstone') return { kind: 'absent', isCertain: true };
  const { offers, answers } = await askAll(path, deps.sources(), signal);
  let failure: FleetError | undefined;
  for (const offer of offers) {
    const { record } = offer;
    // What is deleted elsewhere comes as a delivery or by comparing; until then it is not brought back.
    if (record.kind === 'tombstone') break;
    if (!offer.hasCopy || (own !== undefined && record.version < own.version)) continue;
    try {
      await bring({ record, own, source: offer.source }, deps, signal);
      return { kind: 'kept', sizeBytes: record.sizeBytes };
    } catch (error) {
      signal.throwIfAborted();
      failure = asFleetError(error);
      if (CANNOT_KEEP.has(failure.code)) {
        return { kind: 'notKept', record, from: holdersOf(record, offers), cause: failure };
      }
    }
  }
  if (failure !== undefined) throw failure;
  return { kind: 'absent', isCertain: answers === deps.peerCount };
}

/** What the peers have, the newest version first; of the same version, who answered first. */
async function askAll(
  path: ImagePath,
  sources: ReturnType<FetchCopyDeps['sources']>,
  signal: AbortSignal,
): Promise<{ readonly offers: readonly Offer[]; readonly answers: number }> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  const enough = Promise.withResolvers<undefined>();
  const offers: Offer[] = [];
  let answers = 0;
  let timer: NodeJS.Timeout | undefined;
  const asking = sources.map(async (source) => {
    const found = await source.find(path, within).catch((error: unknown) => asFleetError(error));
    if (found instanceof FleetError) return;
    answers += 1;
    if (found.record !== null) offers.push({ source, record: found.record, hasCopy: found.hasCopy });
    if (found.hasCopy) timer ??= setTimeout(() => enough.resolve(undefined), GRACE_MS);
  });
  await Promise.race([Promise.all(asking), enough.promise]);
  clearTimeout(timer);
  signal.throwIfAborted();
  return { offers: [...offers].sort(newestFirst), answers };
}

function holdersOf({ version }: PresentRecord, offers: readonly Offer[]): readonly string[] {
  return offers.flatMap(({ source, record, hasCopy }) => (hasCopy && record.version === version ? source.name : []));
}

function newestFirst({ record: a }: Offer, { record: b }: Offer): number {
  return a.version === b.version ? 0 : a.version < b.version ? 1 : -1;
}

async function bring(
  {
    record,
    own,
    source,
  }: {
    readonly record: PresentRecord;
    readonly own: CatalogRecord | undefined;
    readonly source: Offer['source'];
  },
  deps: FetchCopyDeps,
  signal: AbortSignal,
): Promise<void> {
  const limitMs = FETCH_MS + Math.ceil(record.sizeBytes / SLOWEST_BYTES_PER_MS);
  await deps.assertRoomFor(record.sizeBytes);
  const release = await deps.room.take(record.sizeBytes);
  const within = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    if (own?.kind === 'present' && own.version === record.version) {
      const { failed } = await restoreBatch([own], source, deps, within);
      if (failed[0] !== undefined) throw failed[0].error;
      return;
    }
    const progress = newComparison();
    await pullRecords([record], source, deps, { progress, signal: within });
    const [failed] = progress.failed.listed;
    if (failed !== undefined) throw new FleetError(failed.code, failed.message);
  } catch (error) {
    if (!within.aborted || signal.aborted) throw error;
    throw new FleetError('PEER_TIMEOUT', `${source.name} took too long to send ${record.path}`, { cause: error });
  } finally {
    release();
  }
}
