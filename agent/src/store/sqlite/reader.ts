import type { DatabaseSync } from 'node:sqlite';
import { BucketScan } from './bucket-scan.ts';
import type { CallHandlers } from './call-queue.ts';
import { DigestReads } from './digest-reads.ts';
import { EntryReads } from './entry-reads.ts';
import { recallFacts } from './fact-table.ts';
import { foldOf } from './image-row.ts';
import { ImageReads } from './image-reads.ts';
import { LedgerReads } from './ledger-reads.ts';
import type { Handlers, ReadMethod, SlicedRead, SliceHandlers } from './protocol.ts';

/** The reading half of the catalog. */
export function readHandlers(database: DatabaseSync): CallHandlers {
  const images = new ImageReads(database);
  const ledger = new LedgerReads(database, { recordAt: (fold) => images.recordAt(fold), now: () => performance.now() });
  const whole: Handlers<Exclude<ReadMethod, SlicedRead>> = {
    listStaged: () => images.listStaged(),
    find: (path) => images.find(path),
    findAnyCase: (path) => images.recordAt(foldOf(path)),
    findMany: (paths) => images.findMany(paths),
    findManyAnyCase: (paths) => images.findManyAnyCase(paths),
    findById: (id) => images.findById(id),
    findByHashes: (hashes) => images.findByHashes(hashes),
    countImages: () => images.countImages(),
    takeDue: (query) => ledger.takeDue(query),
    nextDueAt: (server) => ledger.nextDueAt(server),
    listDeliveries: (query) => ledger.list(query),
    deliveriesOf: (path) => ledger.ofPath(path),
    summarize: () => ledger.summarize(),
    recall: recallFacts(database),
  };
  const scan = new BucketScan(database);
  const digests = new DigestReads(database, scan);
  const entries = new EntryReads(database, scan);
  const sliced: SliceHandlers<SlicedRead> = {
    listImages: (cursor, query) => images.list(cursor, query),
    digestDays: (cursor, view) => digests.days(cursor, view),
    digestBuckets: (cursor, view, day) => digests.buckets(cursor, view, day),
    recountBuckets: (cursor, day) => digests.recount(cursor, day),
    listEntries: (cursor, query) => entries.list(cursor, query),
    findEntries: (cursor, query) => entries.find(cursor, query),
  };
  return { whole, sliced } as unknown as CallHandlers;
}
