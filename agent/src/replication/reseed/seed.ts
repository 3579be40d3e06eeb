import type { DigestView } from '#store/repair-reads.ts';
import type { Catalog } from '#store/catalog.ts';
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
  /** Some of them. */
  /** Those of them that no peer has whole. */
  readonly absent: number;
  readonly listed: readonly RepairFailure[];
} {
  return {
    count: comparisons.reduce((sum, { failed }) => sum + failed.count, 0),
    absent: comparisons.reduce((sum, { failed }) => sum + failed.countOf('OWN_COPY_MISSING'), 0),
    listed: comparisons.flatMap(({ failed }) => failed.listed),
  };
}

/**
 * Takes everything that the peers have: first from all of them at once, each a share of the buckets, the newest day first;
 * then each peer is compared whole, for what only it has. What a cut run brought is equal in the next one, so nothing has
 * to be remembered. Rejects when a peer or the own disk gave up, after the others came to their ends.
 */
export async function seed(
  peers: readonly RepairPeer[],
  deps: SeedDeps,
  progress: SeedProgress,
  signal: AbortSignal,
): Promise<void> {
  const count = peers.length;
  if (count > 1) {
    const shares = peers.map((peer, index) => takeShare({ peer, share: { index, count } }, deps, progress, signal));
    const ends = await Promise.allSettled(shares);
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
  }
  for (const peer of peers) await takeShare({ peer, share: { index: 0, count: 1 } }, deps, progress, signal);
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
