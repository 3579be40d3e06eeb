import { expect, it } from 'vitest';
import type { Catalog } from '#store/catalog.ts';
import {
  aRecord,
  aTombstone,
  aWrite,
  hashOf,
  NOW,
  startedCatalog,
  versionAt,
  type CatalogFactory,
} from './catalog-builders.ts';

const ID = '2025/1/3/5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1';

async function names(
  catalog: Catalog,
  query: Partial<Parameters<Catalog['listImages']>[0]>,
): Promise<readonly string[]> {
  return (await catalog.listImages({ limit: 1000, ...query })).map(({ path }) => path);
}

export function lookupContract(make: CatalogFactory): void {
  it('finds a record under exactly its spelling, or under any when told so', async () => {
    const catalog = await startedCatalog(make);
    await catalog.write([aWrite('Logo.jpg')], NOW);
    expect(await catalog.find('Logo.jpg')).toMatchObject({ path: 'Logo.jpg' });
    expect(await catalog.find('logo.jpg')).toBeUndefined();
    expect(await catalog.findAnyCase('lOGO.JPG')).toMatchObject({ path: 'Logo.jpg' });
    expect(await catalog.findAnyCase('x.jpg')).toBeUndefined();
    expect([...(await catalog.findMany(['logo.jpg', 'Logo.jpg', 'x.jpg'])).keys()]).toEqual(['Logo.jpg']);
    const anyCase = await catalog.findManyAnyCase(['logo.jpg', 'Logo.jpg', 'x.jpg']);
    expect([...anyCase].map(([asked, { path }]) => [asked, path])).toEqual([
      ['logo.jpg', 'Logo.jpg'],
      ['Logo.jpg', 'Logo.jpg'],
    ]);
  });

  it('finds a generated image by its id alone, while it is present', async () => {
    const catalog = await startedCatalog(make);
    await catalog.write([aWrite(`${ID}.jpg`), aWrite(`${ID}x.jpg`), aWrite(`${ID}/y.jpg`)], NOW);
    expect(await catalog.findById(ID)).toMatchObject({ path: `${ID}.jpg` });
    expect(await catalog.findById(ID.slice(0, -1))).toBeUndefined();
    await catalog.merge([{ record: aTombstone(`${ID}.jpg`, versionAt(1)), stagingName: null }], NOW);
    expect(await catalog.findById(ID)).toBeUndefined();
  });

  it('finds one image for each content that it has', async () => {
    const catalog = await startedCatalog(make);
    const same = { sha256: hashOf(7) };
    await catalog.write([aWrite('b.jpg', same), aWrite('a.jpg', same), aWrite('c.jpg', { sha256: hashOf(8) })], NOW);
    await catalog.merge([{ record: aTombstone('c.jpg', versionAt(1)), stagingName: null }], NOW);
    const found = await catalog.findByHashes([hashOf(7), hashOf(7), hashOf(8), hashOf(9)]);
    expect(found.map(({ path, sha256 }) => [path, sha256])).toEqual([['a.jpg', hashOf(7)]]);
  });

  it('lists present images by path, a page at a time', async () => {
    const catalog = await startedCatalog(make);
    const paths = Array.from({ length: 25 }, (_, index) => `${String(index).padStart(2, '0')}.jpg`);
    await catalog.write(
      paths.toReversed().map((path) => aWrite(path)),
      NOW,
    );
    await catalog.merge([{ record: aTombstone('03.jpg', versionAt(1)), stagingName: null }], NOW);
    const seen: string[] = [];
    for (let after: string | undefined; ; after = seen.at(-1)) {
      const page = await names(catalog, { after, limit: 7 });
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(7);
      seen.push(...page);
    }
    expect(seen).toEqual(paths.filter((path) => path !== '03.jpg'));
  });

  it('hands out whole records', async () => {
    const catalog = await startedCatalog(make);
    const record = aRecord('名/图 1.jpg', versionAt(1), { originalName: '照片.jpg', sizeBytes: 2 ** 40 });
    await catalog.merge([{ record, stagingName: null }], NOW);
    expect(await catalog.listImages({ limit: 1 })).toEqual([record]);
  });

  it('narrows a list to a prefix, in any spelling', async () => {
    const catalog = await startedCatalog(make);
    await catalog.write(
      ['2025/1/a.jpg', '2025/1/B.jpg', '2025/10/a.jpg', '2024/1/a.jpg'].map((path) => aWrite(path)),
      NOW,
    );
    expect(await names(catalog, { prefix: '2025/1/' })).toEqual(['2025/1/a.jpg', '2025/1/B.jpg']);
    expect(await names(catalog, { prefix: '2025/1/', after: '2025/1/a.jpg' })).toEqual(['2025/1/B.jpg']);
    expect(await names(catalog, { prefix: '2025/1/', after: '2026' })).toEqual([]);
    expect(await names(catalog, { prefix: '2025/1/b' })).toEqual(['2025/1/B.jpg']);
  });

  it('searches path and original name without minding case', async () => {
    const catalog = await startedCatalog(make);
    await catalog.write(
      [
        aWrite('Holiday.jpg'),
        aWrite('b.jpg', { originalName: 'My HOLIDAY 2.jpg' }),
        aWrite('c.jpg', { originalName: '100%.jpg' }),
      ],
      NOW,
    );
    expect(await names(catalog, { search: 'holiDay' })).toEqual(['b.jpg', 'Holiday.jpg']);
    expect(await names(catalog, { search: '0%' })).toEqual(['c.jpg']);
    expect(await names(catalog, { search: '' })).toHaveLength(3);
    expect(await names(catalog, { search: 'holiday', limit: 1 })).toEqual(['b.jpg']);
  });

  it('searches more images than it looks at in one go', async () => {
    const catalog = await startedCatalog(make);
    const path = (index: number): string => `${String(index).padStart(6, '0')}.jpg`;
    const writes = Array.from({ length: 12_000 }, (_, index) =>
      aWrite(path(index), { originalName: `${String(index % 4000)}_` }),
    );
    await catalog.write(writes, NOW);
    expect(await names(catalog, { search: '3999_' })).toEqual([3999, 7999, 11_999].map(path));
    expect(await names(catalog, { search: '3999_', limit: 2 })).toEqual([3999, 7999].map(path));
    expect(await names(catalog, { search: 'nothing' })).toEqual([]);
    expect(await names(catalog, { limit: 11_000 })).toHaveLength(11_000);
  });
}
