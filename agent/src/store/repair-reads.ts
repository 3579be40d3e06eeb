import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { DigestSum, type SetDigest } from './set-digest.ts';

/** Which records a comparison is about. The one who asks fixes it, so that both sides mean the same set. */
export interface DigestView {
  /** Only records whose version is not later, epoch milliseconds; null: all there are. */
  readonly untilMs: number | null;
  /** Tombstones of earlier versions do not count: each server may have thrown them away at another time. */
  readonly tombstonesFromMs: number;
}

export interface DayDigest extends SetDigest {
  readonly day: string;
}

export interface BucketDigest extends SetDigest {
  readonly bucket: number;
}

/** A bucket whose kept digest is not that of its records: somebody changed the catalog's file by hand. */
export interface BucketCorrection {
  readonly day: string;
  readonly bucket: number;
  /** The kept digest when its records were counted; when it is another by now, the count is out of date and dropped. */
  readonly was: string;
  readonly counted: SetDigest;
}

/**
 * Some buckets of one day, from one position to another. A position orders the records of a day; it means the same on
 * every server, see `positionOf`.
 */
export interface EntryRange {
  readonly view: DigestView;
  readonly day: string;
  readonly buckets: readonly number[];
  /** Begin, exclusive; empty: from the first. */
  readonly after: string;
  /** End, inclusive; null: up to the last. */
  readonly upTo: string | null;
}

/** Records as the first eight bytes of their hashes (`entryHash`), one after another. */
export interface EntryPage {
  readonly settled: Uint8Array;
  /** Those with an open delivery to the server that was named: they are on their way already. */
  readonly open: Uint8Array;
  /** Position of the last record that was looked at; null when the range is at its end. */
  readonly next: string | null;
}

export const ENTRY_BYTES = 8;

/** Questions with which two catalogs are compared. All of them work in slices, so that other reads get their turn. */
export interface RepairReads {
  /** One entry per day that has records, in no particular order. */
  digestDays(view: DigestView): Promise<readonly DayDigest[]>;
  /** One entry per bucket of the day that has records. */
  digestBuckets(view: DigestView, day: string): Promise<readonly BucketDigest[]>;
  /** The same for all there is, from the records themselves instead of what was kept while they were written. Costs a look at each. */
  recountBuckets(day: string): Promise<readonly BucketDigest[]>;
  /** Pages in order; together they are one (`joinPages`). Ends early, but not before `limit` records, with a position to go on from. */
  listEntries(range: EntryRange & { readonly limit: number; readonly server: string }): Promise<readonly EntryPage[]>;
  /** The records of a range whose short hash (16 hex digits) is among `hashes`, in order, at most 1000. */
  findEntries(range: EntryRange & { readonly hashes: readonly string[] }): Promise<readonly ImageRecord[]>;
}

export function joinPages(pages: readonly EntryPage[]): EntryPage {
  return {
    settled: Buffer.concat(pages.map(({ settled }) => settled)),
    open: Buffer.concat(pages.map(({ open }) => open)),
    next: pages.at(-1)?.next ?? null,
  };
}

/** Short hashes of a page, 16 hex digits each. */
export function hashesOf(bytes: Uint8Array): readonly string[] {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  const hashes: string[] = [];
  for (let at = 0; at < hex.length; at += 2 * ENTRY_BYTES) hashes.push(hex.slice(at, at + 2 * ENTRY_BYTES));
  return hashes;
}

/** Whether a view has this record. */
export function isInView(record: Pick<ImageRecord, 'kind' | 'version'>, view: DigestView): boolean {
  const { untilMs, tombstonesFromMs } = view;
  if (untilMs !== null && record.version >= versionFloor(untilMs + 1)) return false;
  return record.kind === 'present' || record.version >= versionFloor(tombstonesFromMs);
}

/** Below every version of that instant and above all earlier ones; version.ts tells the form. */
export function versionFloor(wallMs: number): string {
  return Math.max(0, wallMs).toString(16).padStart(12, '0');
}

/** Parts of digests, those of one key added up; keys that have no record are left out. */
export function sumByKey<T extends SetDigest, K extends object>(
  parts: readonly T[],
  keyOf: (part: T) => K,
): readonly (K & SetDigest)[] {
  const sums = new Map<string, { readonly key: K; readonly sum: DigestSum }>();
  for (const part of parts) {
    const key = keyOf(part);
    const name = JSON.stringify(key);
    const { sum } = sums.get(name) ?? setAndGet(sums, name, { key, sum: new DigestSum() });
    sum.add(part);
  }
  return [...sums.values()].filter(({ sum }) => sum.records > 0).map(({ key, sum }) => ({ ...key, ...sum.result() }));
}

function setAndGet<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}
