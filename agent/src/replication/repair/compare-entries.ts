import { hashesOf, type EntryPage } from '#store/repair-reads.ts';

/** What two servers' entries of one range have to do with each other. */
export interface EntryComparison {
  /** Short hashes of what only the peer has and nobody is bringing, in the peer's order. */
  readonly wanted: readonly string[];
  /** How many only we have and nobody is bringing: the peer lacks them, or has an older version. */
  readonly lacking: number;
  /** Differences with an open delivery, on either side. */
  readonly onTheWay: number;
}

/** Open deliveries are left to replication, which has begun with them: pulling the same would bring it twice. */
export function compareEntries(ours: EntryPage, theirs: EntryPage): EntryComparison {
  const [ourSettled, ourOpen] = [hashesOf(ours.settled), hashesOf(ours.open)];
  const [theirSettled, theirOpen] = [hashesOf(theirs.settled), hashesOf(theirs.open)];
  const own = new Set([...ourSettled, ...ourOpen]);
  const other = new Set([...theirSettled, ...theirOpen]);
  const onlyOurs = (hash: string): boolean => !other.has(hash);
  const onlyTheirs = (hash: string): boolean => !own.has(hash);
  return {
    wanted: theirSettled.filter(onlyTheirs),
    lacking: ourSettled.filter(onlyOurs).length,
    onTheWay: ourOpen.filter(onlyOurs).length + theirOpen.filter(onlyTheirs).length,
  };
}

/** The keys whose digests differ, also those that one side has not got. */
export function differingKeys<K>(ours: ReadonlyMap<K, string>, theirs: ReadonlyMap<K, string>): readonly K[] {
  return [...new Set([...ours.keys(), ...theirs.keys()])].filter((key) => ours.get(key) !== theirs.get(key));
}

/** Newest day first, because its images are asked for most; what has a name of its own last. */
export function newestFirst(days: readonly string[]): readonly string[] {
  return [...days].sort((a, b) => orderOf(b) - orderOf(a));
}

function orderOf(day: string): number {
  const [year = 0, month = 0, date = 0] = day.split('/').map((part) => (/^\d+$/.test(part) ? Number(part) : 0));
  return (year * 100 + month) * 100 + date;
}
