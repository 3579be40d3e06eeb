import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { DigestView } from '#store/repair-reads.ts';
import type { Catalog } from '#store/catalog.ts';
import { asFleetError } from '../batch-intake.ts';
import type { RepairFailure } from '../repair/failure-list.ts';
import { pullRecords, type PullDeps } from '../repair/pull-records.ts';
import { newComparison, reconcile, type Comparison } from '../repair/reconcile.ts';
import type { RepairPeer } from '../repair/repair-peer.ts';
import { shareOfOwn, shareOfPeer, type Share } from './share-of-peer.ts';

export interface SeedDeps extends PullDeps {
  readonly catalog: PullDeps['catalog'] & Catalog;
  readonly view: DigestView;
}

/** How far a server has got that takes everything; grows meanwhile. */
export interface SeedProgress {
  readonly comparisons: Comparison[];
}

export function bytesOf({ comparisons }: SeedProgress): number {
  return comparisons.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function failuresOf({ comparisons }: SeedProgress): {
  readonly count: number;
  /** Those of them that no peer has whole. */
  readonly absent: number;
  /** Some of them. */
  readonly listed: readonly RepairFailure[];
} {
  return {
    count: comparisons.reduce((sum, { failed }) => sum + failed.count, 0),
    absent: comparisons.reduce((sum, { failed }) => sum + failed.countOf('OWN_COPY_MISSING'), 0),
    listed: comparisons.flatMap(({ failed }) => failed.listed),
  };
}

/** How it ended with each peer, by name. */
export interface SeedEnd {
  /** This server has all that they have, but for what `failuresOf` tells. */
  readonly compared: readonly string[];
  readonly failed: ReadonlyMap<string, FleetError>;
}

/**
 * Takes everything that the peers have: first from all of them at once, each a share of the buckets, the newest day first;
 * then each peer is compared whole, for what only it has, and for the shares of those that failed. A peer that is gone,
 * hangs or answers rubbish costs the time of one silence and is left alone for the rest of the run; the others give
 * theirs. What a cut run brought is equal in the next one, so nothing has to be remembered. Rejects when it is cut, or
 * when the own disk is full: nobody else's images would find room either.
 */
export async function seed(
  peers: readonly RepairPeer[],
  deps: SeedDeps,
  progress: SeedProgress,
  signal: AbortSignal,
): Promise<SeedEnd> {
  const failed = new Map<string, FleetError>();
  const compared: string[] = [];
  const take = async (peer: RepairPeer, share: Share): Promise<void> => {
    try {
      await takeShare({ peer, share }, deps, progress, signal);
      if (share.count === 1) compared.push(peer.name);
    } catch (error) {
      failed.set(peer.name, asFleetError(error));
    }
  };
  const goOn = (): void => {
    signal.throwIfAborted();
    for (const failure of failed.values()) if (failure.code === 'DISK_FULL') throw failure;
  };
  const count = peers.length;
  if (count > 1) await Promise.all(peers.map((peer, index) => take(peer, { index, count })));
  for (const peer of peers) {
    goOn();
    if (!failed.has(peer.name)) await take(peer, { index: 0, count: 1 });
  }
  goOn();
  return { compared, failed };
}

async function takeShare(
  { peer, share }: { readonly peer: RepairPeer; readonly share: Share },
  deps: SeedDeps,
  progress: SeedProgress,
  signal: AbortSignal,
): Promise<void> {
  const comparison = newComparison();
  progress.comparisons.push(comparison);
  const sides = { peer: shareOfPeer(peer, share), own: shareOfOwn(deps.catalog, share), view: deps.view };
  const pull: Parameters<typeof reconcile>[0]['pull'] = async (records, pulled) => {
    await pullRecords(records, peer, deps, { progress: pulled, signal });
    // The peer learns of newer ones by comparing, as soon as this server has all.
    pulled.older.length = 0;
  };
  await reconcile({ ...sides, pull }, comparison, signal);
}
