import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { MAX_AHEAD_MS } from '@imagefleet/shared/common/image/version.ts';
import type { Catalog } from '#store/catalog.ts';
import {
  aRecord,
  aTombstone,
  aWrite,
  hashOf,
  ledgerOf,
  NOW,
  startedCatalog,
  TO_ALL,
  versionAt,
  type CatalogFactory,
} from './catalog-builders.ts';

async function merge(catalog: Catalog, ...records: readonly ImageRecord[]) {
  return catalog.merge(
    records.map((record) => ({ record, stagingName: null })),
    NOW,
  );
}

const anyRecord = fc
  .record({
    path: fc.constantFrom('a.jpg', 'A.jpg', 'b.jpg'),
    aheadMs: fc.integer({ min: -3, max: 3 }),
    counter: fc.nat(1),
    server: fc.constantFrom('p', 'q'),
    isPresent: fc.boolean(),
  })
  .map(({ path, aheadMs, counter, server, isPresent }): ImageRecord => {
    // A version names one change of one path, so everything else of the record follows from it.
    const version = versionAt(aheadMs, counter, `${server}${path === 'A.jpg' ? '1' : '0'}${isPresent ? '1' : '0'}`);
    if (!isPresent) return aTombstone(path, version);
    return aRecord(path, version, { sha256: hashOf(counter + 10 * (aheadMs + 3)) });
  });

export function mergeContract(make: CatalogFactory): void {
  it('lets the higher version win, whichever comes first', async () => {
    const catalog = await startedCatalog(make);
    const older = aRecord('a.jpg', versionAt(1), { sha256: hashOf(1) });
    const newer = aRecord('a.jpg', versionAt(2), { sha256: hashOf(2) });
    expect(await merge(catalog, older, newer, newer, older)).toEqual([
      { outcome: 'stored' },
      { outcome: 'stored' },
      { outcome: 'already' },
      { outcome: 'older' },
    ]);
    expect(await catalog.find('a.jpg')).toEqual({ ...newer, stagingName: null });
    expect(await catalog.countImages()).toBe(1);
  });

  it('takes tombstones like records, also of paths it never had', async () => {
    const catalog = await startedCatalog(make);
    const tombstone = aTombstone('a.jpg', versionAt(2));
    await merge(catalog, aRecord('a.jpg', versionAt(1)), aRecord('b.jpg', versionAt(1)));
    expect(await merge(catalog, tombstone, aTombstone('never.jpg', versionAt(2)))).toEqual([
      { outcome: 'stored' },
      { outcome: 'stored' },
    ]);
    expect(await catalog.find('a.jpg')).toEqual({ ...tombstone, stagingName: null });
    expect(await catalog.countImages()).toBe(1);
    expect(await merge(catalog, aRecord('a.jpg', versionAt(1)), aRecord('a.jpg', versionAt(3)))).toEqual([
      { outcome: 'older' },
      { outcome: 'stored' },
    ]);
    expect(await catalog.countImages()).toBe(2);
  });

  it('replaces the own deliveries of the path it changes, and only those', async () => {
    const catalog = await startedCatalog(make);
    await catalog.write([aWrite('a.jpg', { targets: TO_ALL }), aWrite('b.jpg', { targets: TO_ALL })], NOW);
    await merge(catalog, aRecord('a.jpg', versionAt(-1)));
    expect(await ledgerOf(catalog)).toHaveLength(4);
    await merge(catalog, aRecord('a.jpg', versionAt(1)));
    expect((await ledgerOf(catalog)).map(({ path }) => path)).toEqual(['b.jpg', 'b.jpg']);
  });

  it('refuses a version too far ahead and says by how much, and takes one just within the limit', async () => {
    const catalog = await startedCatalog(make);
    const [refused, stored] = await merge(
      catalog,
      aRecord('a.jpg', versionAt(MAX_AHEAD_MS + 60_000)),
      aRecord('b.jpg', versionAt(MAX_AHEAD_MS)),
    );
    expect(refused).toMatchObject({ outcome: 'refused', code: 'VERSION_AHEAD' });
    expect(refused).toHaveProperty('message', expect.stringContaining('360 s'));
    expect(stored).toEqual({ outcome: 'stored' });
    expect(await catalog.find('a.jpg')).toBeUndefined();
  });

  it('refuses what is no version', async () => {
    const catalog = await startedCatalog(make);
    expect(await merge(catalog, aRecord('a.jpg', 'yesterday'))).toMatchObject([
      { outcome: 'refused', code: 'INPUT_INVALID' },
    ]);
  });

  it('remembers where the bytes of a merged record are staged', async () => {
    const catalog = await startedCatalog(make);
    const record = aRecord('a.jpg', versionAt(1));
    await catalog.merge([{ record, stagingName: 'n' }], NOW);
    expect(await catalog.listStaged()).toEqual([{ ...record, stagingName: 'n' }]);
  });

  it('ends with the same records on two servers, in whatever order and however often messages come', async () => {
    const [one, two] = [await startedCatalog(make), await startedCatalog(make)];
    let round = 0;
    const orders = fc
      .array(anyRecord, { minLength: 1, maxLength: 12 })
      .chain((records) =>
        fc.tuple(
          fc.constant(records),
          fc.shuffledSubarray([...records, ...records], { minLength: 2 * records.length }),
        ),
      );
    const property = fc.asyncProperty(orders, async ([first, second]) => {
      const prefix = `${String(round++)}/`;
      const within = (record: ImageRecord): ImageRecord => ({ ...record, path: prefix + record.path });
      for (const record of first) await merge(one, within(record));
      await merge(two, ...second.map(within));
      const paths = ['a.jpg', 'A.jpg', 'b.jpg'].map((path) => prefix + path);
      expect(await two.findMany(paths)).toEqual(await one.findMany(paths));
      expect(await two.countImages()).toBe(await one.countImages());
    });
    await fc.assert(property, { numRuns: 60 });
    const listed = await one.listImages({ limit: 1000 });
    expect(listed).toHaveLength(await one.countImages());
  });
}
