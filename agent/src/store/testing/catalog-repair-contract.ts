import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldPath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Catalog } from '#store/catalog.ts';
import { positionOf } from '#store/entry-position.ts';
import { hashesOf, isInView, joinPages, type DigestView, type EntryPage } from '#store/repair-reads.ts';
import { bucketOf, entryHash, sumDigests } from '#store/set-digest.ts';
import {
  aRecord,
  aTombstone,
  aWrite,
  hashOf,
  NOW,
  startedCatalog,
  TO_ALL,
  versionAt,
  type CatalogFactory,
} from './catalog-builders.ts';

const ALL: DigestView = { untilMs: null, tombstonesFromMs: 0 };
const EVERY_BUCKET = Array.from({ length: 256 }, (_, index) => index);
const DAY = '2026/1/2';

function onDay(index: number, day = DAY): string {
  return `${day}/0d9c5f0e-5f57-4f6e-9a53-${index.toString(16).padStart(12, '0')}.jpg`;
}

function foldOf(path: string): string {
  return foldPath(path as ImagePath);
}

async function merge(catalog: Catalog, records: readonly ImageRecord[]): Promise<void> {
  await catalog.merge(
    records.map((record) => ({ record, stagingName: null })),
    NOW,
  );
}

/** The digest by its definition, from the records themselves. */
function expectedDigest(records: readonly ImageRecord[]): string {
  const empty = { records: 0, images: 0, bytes: 0, oldestMs: null };
  return sumDigests(records.map((record) => ({ ...empty, digest: entryHash(record) }))).digest;
}

async function rootOf(catalog: Catalog, view: DigestView = ALL) {
  return sumDigests(await catalog.digestDays(view));
}

async function entriesOf(
  catalog: Catalog,
  day: string,
  more: Partial<Parameters<Catalog['listEntries']>[0]> = {},
): Promise<EntryPage> {
  const range = { view: ALL, day, buckets: EVERY_BUCKET, after: '', upTo: null, limit: 1e6, server: 's2' };
  return joinPages(await catalog.listEntries({ ...range, ...more }));
}

const shortHash = (record: ImageRecord): string => entryHash(record).slice(0, 16);

const anyRecord = fc
  .record({
    path: fc.constantFrom(onDay(1), onDay(2), onDay(1, '2025/12/31'), 'a.jpg', 'A.jpg', `${DAY}/named.jpg`),
    aheadMs: fc.integer({ min: 0, max: 8 }),
    isPresent: fc.boolean(),
  })
  .map(({ path, aheadMs, isPresent }): ImageRecord => {
    const version = versionAt(aheadMs, isPresent ? 1 : 0);
    if (!isPresent) return aTombstone(path, version);
    return aRecord(path, version, { sha256: hashOf(aheadMs), sizeBytes: 100 + aheadMs });
  });

export function repairContract(make: CatalogFactory): void {
  it('has the digest of no record when it is empty', async () => {
    const catalog = await startedCatalog(make);
    expect(await catalog.digestDays(ALL)).toEqual([]);
    expect(await rootOf(catalog)).toEqual({
      ...{ records: 0, images: 0, bytes: 0, oldestMs: null, digest: '0'.repeat(64) },
    });
  });

  it('counts own writes, overwrites and tombstones by day and bucket', async () => {
    const catalog = await startedCatalog(make);
    await catalog.write([aWrite(onDay(1)), aWrite('banners/a.jpg', { sizeBytes: 10 })], NOW);
    await catalog.write([aWrite('banners/a.jpg', { sizeBytes: 30, sha256: hashOf(2), mode: 'overwrite' })], NOW + 5);
    await merge(catalog, [aTombstone(onDay(2), versionAt(7))]);
    const days = new Map((await catalog.digestDays(ALL)).map((day) => [day.day, day]));
    expect([...days.keys()].sort()).toEqual([DAY, 'named']);
    expect(days.get(DAY)).toMatchObject({ records: 2, images: 1, bytes: 1000, oldestMs: NOW });
    expect(days.get('named')).toMatchObject({ records: 1, images: 1, bytes: 30 });
    const found = [...(await catalog.findMany([onDay(1), onDay(2)])).values()];
    expect(days.get(DAY)?.digest).toBe(expectedDigest(found));
    const buckets = await catalog.digestBuckets(ALL, DAY);
    expect(buckets.map(({ bucket }) => bucket).sort()).toEqual(
      [1, 2].map((index) => bucketOf(onDay(index)).bucket).sort(),
    );
    expect(sumDigests(buckets).digest).toBe(days.get(DAY)?.digest);
  });

  it('keeps the digest of exactly the records it has, in every view', async () => {
    const operations = fc.array(anyRecord, { minLength: 1, maxLength: 15 });
    const property = fc.asyncProperty(
      operations,
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      async (records, until, from) => {
        const started = await startedCatalog(make);
        await merge(started, records);
        const paths = [...new Set(records.map(({ path }) => path))];
        const held = [...(await started.findMany(paths)).values()];
        for (const untilMs of [null, NOW + until]) {
          const view = { untilMs, tombstonesFromMs: NOW + from };
          const seen = held.filter((record) => isInView(record, view));
          const present = seen.filter((record) => record.kind === 'present');
          expect(await rootOf(started, view)).toMatchObject({
            ...{ records: seen.length, images: present.length, digest: expectedDigest(seen) },
            bytes: present.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
          });
        }
      },
    );
    await fc.assert(property, { numRuns: 6 });
    // Each run starts a catalog of its own, two threads on a disk that others use as well.
  }, 60_000);

  it('lists a day as short hashes in pages that fit the limit of a slice, and goes on where a page ended', async () => {
    const catalog = await startedCatalog(make);
    const records = Array.from({ length: 12_000 }, (_, index) => aRecord(onDay(index), versionAt(1)));
    for (let start = 0; start < records.length; start += 3000) {
      await merge(catalog, records.slice(start, start + 3000));
    }
    const whole = await entriesOf(catalog, DAY);
    expect(whole.next).toBeNull();
    expect(hashesOf(whole.settled)).toEqual(records.map(shortHash));
    const first = await entriesOf(catalog, DAY, { limit: 10 });
    const rest = await entriesOf(catalog, DAY, { after: first.next ?? '' });
    expect(first.next).not.toBeNull();
    expect([...hashesOf(first.settled), ...hashesOf(rest.settled)]).toEqual(records.map(shortHash));
    const upTo = positionOf(onDay(4));
    expect(hashesOf((await entriesOf(catalog, DAY, { upTo })).settled)).toEqual(records.slice(0, 5).map(shortHash));
  });

  it('lists only the buckets that were asked for, of days and of named images', async () => {
    const catalog = await startedCatalog(make);
    const paths = Array.from({ length: 60 }, (_, index) => [onDay(index), `n/${String(index)}.jpg`]).flat();
    const records = paths.map((path) => aRecord(path, versionAt(1)));
    await merge(catalog, records);
    for (const day of [DAY, 'named']) {
      const ofDay = records.filter(({ path }) => bucketOf(foldOf(path)).day === day);
      const chosen = ofDay.slice(0, 7).map(({ path }) => bucketOf(foldOf(path)).bucket);
      const expected = ofDay.filter(({ path }) => chosen.includes(bucketOf(foldOf(path)).bucket));
      const page = await entriesOf(catalog, day, { buckets: [...new Set(chosen)] });
      expect([...hashesOf(page.settled)].sort()).toEqual(expected.map(shortHash).sort());
    }
  });

  it('tells what is on its way to the server that is asked about, and what only seems to be', async () => {
    const catalog = await startedCatalog(make);
    await catalog.write([aWrite(onDay(1), { targets: TO_ALL.slice(1) }), aWrite(onDay(2))], NOW);
    const hashes = await Promise.all(
      [1, 2].map(async (index) => {
        const record = await catalog.find(onDay(index));
        return record === undefined ? '' : shortHash(record);
      }),
    );
    const toS3 = await entriesOf(catalog, DAY, { server: 's3' });
    expect([hashesOf(toS3.open), hashesOf(toS3.settled)]).toEqual([[hashes[0]], [hashes[1]]]);
    expect(hashesOf((await entriesOf(catalog, DAY, { server: 's2' })).open)).toEqual([]);
    const [row] = await catalog.listDeliveries({ afterId: 0, limit: 1 });
    const cause = { code: 'OWN_COPY_MISSING' as const, message: 'gone' };
    await catalog.settle(
      [{ id: row?.id ?? 0, version: row?.version ?? '', to: { state: 'dead', attempts: 1, cause } }],
      NOW,
    );
    expect(hashesOf((await entriesOf(catalog, DAY, { server: 's3' })).open)).toEqual([]);
  });

  it('finds records by their short hashes', async () => {
    const catalog = await startedCatalog(make);
    const records = [1, 2, 3].flatMap((index) => [
      aRecord(onDay(index), versionAt(index)),
      aTombstone(`x/${String(index)}.jpg`, versionAt(index)),
    ]);
    await merge(catalog, records);
    const range = { view: ALL, buckets: EVERY_BUCKET, after: '', upTo: null };
    for (const day of [DAY, 'named']) {
      const wanted = records.filter(({ path }) => bucketOf(foldOf(path)).day === day).slice(1);
      const found = await catalog.findEntries({ ...range, day, hashes: wanted.map(shortHash) });
      expect([...found].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(wanted);
      expect(await catalog.findEntries({ ...range, day, hashes: ['0'.repeat(16)] })).toEqual([]);
    }
  });
}
