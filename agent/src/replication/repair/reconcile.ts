import { foldPath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { positionOf } from '#store/entry-position.ts';
import { joinPages, type DigestView, type EntryRange, type RepairReads } from '#store/repair-reads.ts';
import { sumDigests } from '#store/set-digest.ts';
import { compareEntries, differingKeys, newestFirst } from './compare-entries.ts';
import { FailureList } from './failure-list.ts';
import { MAX_RECORDS, PAGE_ENTRIES, SHORT_DIGITS, shortDigests } from './repair-messages.ts';
import type { ComparedPeer } from './repair-peer.ts';

/** What became of records that a peer has and we lacked; grows while they are pulled. */
export interface Pulled {
  pulled: number;
  /** Of the images among them. */
  bytes: number;
  /** Records of which our own is newer than the peer's. */
  olderCount: number;
  /** Their paths; whoever pulls takes them out, so that they never pile up. */
  readonly older: string[];
  readonly failed: FailureList;
}

/** How far a comparison has come; grows while it runs. */
export interface Comparison extends Pulled {
  isEqual: boolean;
  records: number;
  /** What the peer lacked when it was compared. */
  lacking: number;
  /** Differences with an open delivery. */
  onTheWay: number;
}

export interface ReconcileDeps {
  readonly peer: ComparedPeer;
  readonly own: RepairReads;
  readonly view: DigestView;
  /** Takes records of the peer in, with their bytes. Rejects when it makes no sense to go on. */
  readonly pull: (records: readonly ImageRecord[], progress: Pulled, signal: AbortSignal) => Promise<void>;
}

export function newComparison(): Comparison {
  return {
    isEqual: false,
    records: 0,
    pulled: 0,
    bytes: 0,
    olderCount: 0,
    older: [],
    lacking: 0,
    onTheWay: 0,
    failed: new FailureList(),
  };
}

/**
 * Compares with one peer, from the root to the entries, and pulls what only the peer has. What only we have the peer
 * pulls when it compares, so nothing is sent unasked. A run that was cut needs no memory: what it healed is equal, and
 * the next one does not look there again. `progress` is filled meanwhile, and right also when this rejects.
 */
export async function reconcile(deps: ReconcileDeps, progress: Comparison, signal: AbortSignal): Promise<void> {
  const { peer, own, view } = deps;
  const days = await own.digestDays(view);
  const root = sumDigests(days);
  progress.records = root.records;
  const theirRoot = await peer.root(view, signal);
  progress.isEqual = theirRoot.digest === root.digest && theirRoot.records === root.records;
  if (progress.isEqual) return;
  const ours = new Map(days.map(({ day, digest }) => [day, digest.slice(0, SHORT_DIGITS)]));
  for (const day of newestFirst(differingKeys(ours, await peer.days(view, signal)))) {
    await reconcileDay(deps, day, progress, signal);
  }
}

async function reconcileDay(
  deps: ReconcileDeps,
  day: string,
  progress: Comparison,
  signal: AbortSignal,
): Promise<void> {
  const { peer, own, view } = deps;
  const theirs = new Map((await peer.buckets(view, day, signal)).entries());
  const ours = new Map(shortDigests(await own.digestBuckets(view, day)).entries());
  const buckets = differingKeys(ours, theirs);
  if (buckets.length === 0) return;
  for (let after: string | null = ''; after !== null;) {
    after = await reconcileRange(deps, { view, day, buckets, after, upTo: null }, progress, signal);
  }
}

/** One page of the side that has more in it; answers where the next begins. Both sides are looked at over the same range. */
async function reconcileRange(
  deps: ReconcileDeps,
  range: EntryRange,
  progress: Comparison,
  signal: AbortSignal,
): Promise<string | null> {
  const { peer } = deps;
  const list = async (upTo: string | null) =>
    joinPages(await deps.own.listEntries({ ...range, upTo, limit: PAGE_ENTRIES, server: peer.name }));
  let ours = await list(null);
  const theirs = await peer.entries({ ...range, upTo: ours.next }, signal);
  // The peer's page ended sooner, so ours is cut where it ended.
  if (theirs.next !== null) ours = await list(theirs.next);
  const end = theirs.next ?? ours.next;
  const { wanted, lacking, onTheWay } = compareEntries(ours, theirs);
  progress.lacking += lacking;
  progress.onTheWay += onTheWay;
  await pullWanted(deps, { ...range, upTo: end, wanted }, progress, signal);
  return end;
}

async function pullWanted(
  { peer, pull }: ReconcileDeps,
  { wanted, ...range }: EntryRange & { readonly wanted: readonly string[] },
  progress: Comparison,
  signal: AbortSignal,
): Promise<void> {
  let { after } = range;
  for (let start = 0; start < wanted.length; start += MAX_RECORDS) {
    signal.throwIfAborted();
    const hashes = wanted.slice(start, start + MAX_RECORDS);
    const records = await peer.records({ ...range, after, hashes }, signal);
    await pull(records, progress, signal);
    const last = records.at(-1);
    // Wanted in the peer's order: nothing of what is left lies before the last one that was found.
    if (last !== undefined) after = positionOf(foldPath(last.path as ImagePath));
  }
}
