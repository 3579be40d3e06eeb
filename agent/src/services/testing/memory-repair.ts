import type { Delivery } from '@imagefleet/shared/common/delivery/delivery.ts';
import { foldPath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { clockOf } from '@imagefleet/shared/common/image/version.ts';
import type { CatalogRecord } from '#store/catalog.ts';
import { isAfter, positionOf } from '#store/entry-position.ts';
import {
  isInView,
  sumByKey,
  type BucketDigest,
  type DayDigest,
  type DigestView,
  type EntryPage,
  type EntryRange,
  type RepairReads,
} from '#store/repair-reads.ts';
import { bucketOf, entryHash, type SetDigest } from '#store/set-digest.ts';

interface Held {
  readonly records: ReadonlyMap<string, CatalogRecord>;
  readonly rows: readonly Delivery[];
}

interface Placed {
  readonly record: ImageRecord;
  readonly day: string;
  readonly bucket: number;
  readonly position: string;
}

/** The questions of a comparison, answered from records in memory by looking at all of them. */
export class MemoryRepair implements RepairReads {
  readonly #held: Held;

  constructor(held: Held) {
    this.#held = held;
  }

  async digestDays(view: DigestView): Promise<readonly DayDigest[]> {
    await Promise.resolve();
    const parts = this.#inView(view).map(({ day, record }) => ({ day, ...digestOf(record) }));
    return sumByKey(parts, ({ day }) => ({ day }));
  }

  async digestBuckets(view: DigestView, day: string): Promise<readonly BucketDigest[]> {
    await Promise.resolve();
    const placed = this.#inView(view).filter((one) => one.day === day);
    const parts = placed.map(({ bucket, record }) => ({ bucket, ...digestOf(record) }));
    return sumByKey(parts, ({ bucket }) => ({ bucket }));
  }

  recountBuckets(day: string): Promise<readonly BucketDigest[]> {
    return this.digestBuckets({ untilMs: null, tombstonesFromMs: 0 }, day);
  }

  async listEntries({
    limit,
    server,
    ...range
  }: EntryRange & { readonly limit: number; readonly server: string }): Promise<readonly EntryPage[]> {
    await Promise.resolve();
    const all = this.#range(range);
    const some = all.slice(0, limit);
    const isOpen = ({ record }: Placed): boolean =>
      this.#held.rows.some(
        (row) =>
          row.path === record.path && row.version === record.version && row.server === server && row.state !== 'dead',
      );
    const bytes = (placed: readonly Placed[]): Uint8Array =>
      Buffer.from(placed.map(({ record }) => shortHash(record)).join(''), 'hex');
    const next = all.length > some.length ? (some.at(-1)?.position ?? null) : null;
    return [{ settled: bytes(some.filter((one) => !isOpen(one))), open: bytes(some.filter(isOpen)), next }];
  }

  async findEntries({
    hashes,
    ...range
  }: EntryRange & { readonly hashes: readonly string[] }): Promise<readonly ImageRecord[]> {
    await Promise.resolve();
    return this.#range(range)
      .map(({ record }) => record)
      .filter((record) => hashes.includes(shortHash(record)))
      .slice(0, 1000);
  }

  #inView(view: DigestView): readonly Placed[] {
    return [...this.#held.records.values()]
      .filter((record) => isInView(record, view))
      .map(({ stagingName: _stagingName, ...record }) => {
        const fold = foldPath(record.path as ImagePath);
        return { record, ...bucketOf(fold), position: positionOf(fold) };
      });
  }

  #range({ view, day, buckets, after, upTo }: EntryRange): readonly Placed[] {
    return this.#inView(view)
      .filter((one) => one.day === day && buckets.includes(one.bucket))
      .filter(({ position }) => isAfter(position, after) && (upTo === null || !isAfter(position, upTo)))
      .sort((a, b) => (isAfter(a.position, b.position) ? 1 : -1));
  }
}

function shortHash(record: ImageRecord): string {
  return entryHash(record).slice(0, 16);
}

function digestOf(record: ImageRecord): SetDigest {
  const isPresent = record.kind === 'present';
  return {
    records: 1,
    images: isPresent ? 1 : 0,
    bytes: isPresent ? record.sizeBytes : 0,
    oldestMs: isPresent ? clockOf(record.version).wallMs : null,
    digest: entryHash(record),
  };
}
