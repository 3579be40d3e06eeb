import type { RepairReads } from '#store/repair-reads.ts';
import { SHORT_DIGITS } from '../repair/repair-messages.ts';
import type { ComparedPeer } from '../repair/repair-peer.ts';

const NOTHING = '0'.repeat(SHORT_DIGITS);

/** One of `count` equal parts of all buckets. */
export interface Share {
  readonly index: number;
  readonly count: number;
}

/** The peer as if it had the records of a share of the buckets only, so that several peers bring each another part. */
export function shareOfPeer(peer: ComparedPeer, share: Share): ComparedPeer {
  return {
    name: peer.name,
    root: (view, signal) => peer.root(view, signal),
    days: (view, signal) => peer.days(view, signal),
    buckets: async (view, day, signal) =>
      (await peer.buckets(view, day, signal)).map((digest, bucket) => (isIn(share, bucket) ? digest : NOTHING)),
    entries: (range, signal) => peer.entries(range, signal),
    records: (query, signal) => peer.records(query, signal),
  };
}

/** The own records, seen through the same share. */
export function shareOfOwn(own: RepairReads, share: Share): RepairReads {
  return {
    digestDays: (view) => own.digestDays(view),
    digestBuckets: async (view, day) =>
      (await own.digestBuckets(view, day)).filter(({ bucket }) => isIn(share, bucket)),
    recountBuckets: (day) => own.recountBuckets(day),
    listEntries: (query) => own.listEntries(query),
    findEntries: (query) => own.findEntries(query),
  };
}

function isIn({ index, count }: Share, bucket: number): boolean {
  return bucket % count === index;
}
