import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { SqliteCatalog } from './sqlite-catalog.ts';
import {
  aRecord,
  aWrite,
  DOWN,
  hashOf,
  NOW,
  queueImages,
  startedCatalog,
  versionAt,
  type CatalogFactory,
} from './testing/catalog-builders.ts';
import { catalogContract } from './testing/catalog-contract.ts';
import { tempFolder } from './testing/temp-folder.ts';

const make: CatalogFactory = (folder) => new SqliteCatalog({ file: join(folder, 'catalog.sqlite') });

async function file(): Promise<string> {
  return join(await tempFolder(), 'catalog.sqlite');
}

describe('a catalog in SQLite', () => {
  catalogContract(make);

  it('keeps its id and its records over a restart', async () => {
    const folder = await tempFolder();
    const before = make(folder);
    await before.start([]);
    const { serverId } = before;
    expect(serverId).toMatch(/^[0-9a-z]{10}$/);
    await before.write([aWrite('a.jpg')], NOW);
    await before.stop();
    const catalog = await startedCatalog(make, folder);
    expect(catalog.serverId).toBe(serverId);
    expect(await catalog.countImages()).toBe(1);
  });

  it('chooses rows without a cause, as an older version may have left them', async () => {
    const folder = await tempFolder();
    const catalog = await startedCatalog(make, folder);
    await queueImages(catalog, 2);
    await catalog.park('s2', DOWN, NOW);
    const database = new DatabaseSync(join(folder, 'catalog.sqlite'));
    database.exec("UPDATE delivery SET cause_code = NULL, cause_message = NULL WHERE server = 's2' AND id = 1");
    database.close();
    const parked = { states: ['parked'], afterId: 0, limit: 10 } as const;
    expect((await catalog.listDeliveries({ ...parked, cause: 'none' })).map(({ id }) => id)).toEqual([1]);
    expect((await catalog.listDeliveries({ ...parked, cause: 'PEER_DOWN' })).map(({ id }) => id)).toEqual([3]);
    expect(await catalog.requeue({ cause: 'none' })).toEqual([1]);
    expect(await catalog.requeue({ server: 's2' })).toEqual([3]);
  });

  it('finishes what was handed in before it closes, and takes nothing afterwards', async () => {
    const catalog = make(await tempFolder());
    await catalog.start([]);
    const writes = Array.from({ length: 600 }, (_, index) => catalog.write([aWrite(`${String(index)}.jpg`)], NOW));
    await catalog.stop();
    expect((await Promise.all(writes)).every(({ outcomes }) => outcomes[0]?.outcome === 'stored')).toBe(true);
    await catalog.stop();
    expect(() => catalog.find('a.jpg')).toThrow(expect.objectContaining({ code: 'SHUTTING_DOWN' }) as Error);
  });

  it('fails one bad request alone among those that share its transaction', async () => {
    const catalog = await startedCatalog(make);
    const bad = aRecord('bad.jpg', versionAt(1), { sizeBytes: 'many' as unknown as number });
    const results = await Promise.allSettled([
      catalog.write([aWrite('before.jpg')], NOW),
      catalog.merge(
        [
          { record: aRecord('partner.jpg', versionAt(1)), stagingName: null },
          { record: bad, stagingName: null },
        ],
        NOW,
      ),
      catalog.write([aWrite('after.jpg', { sha256: hashOf(2) })], NOW),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'IO_FAILED' } });
    const found = await catalog.findMany(['before.jpg', 'partner.jpg', 'bad.jpg', 'after.jpg']);
    expect([...found.keys()]).toEqual(['before.jpg', 'after.jpg']);
    expect(await catalog.countImages()).toBe(2);
  });

  it.each([
    ['a text', 'this is a text, not a database, and long enough to look like one'.repeat(20)],
    ['a broken header', `SQLite format 3\0${'\u0001'.repeat(200)}`],
  ])('refuses %s in the place of its file and leaves it as it is', async (_name, content) => {
    const path = await file();
    await writeFile(path, content);
    const starting = new SqliteCatalog({ file: path }).start([]);
    await expect(starting).rejects.toMatchObject({
      code: 'CFG_INVALID',
      message: expect.stringContaining(path) as string,
    });
    expect(await readFile(path, 'utf8')).toBe(content);
  });

  it('refuses the database of another program', async () => {
    const path = await file();
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE accounts (id INTEGER)');
    other.close();
    const starting = new SqliteCatalog({ file: path }).start([]);
    await expect(starting).rejects.toMatchObject({
      code: 'CFG_INVALID',
      message: expect.stringContaining(path) as string,
    });
  });

  it('refuses a catalog of a newer version of the program', async () => {
    const path = await file();
    const catalog = new SqliteCatalog({ file: path });
    await catalog.start([]);
    await catalog.stop();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    await expect(catalog.start([])).rejects.toMatchObject({ code: 'CFG_INVALID' });
  });

  it('says which file cannot be opened', async () => {
    const path = join(await tempFolder(), 'no such folder', 'catalog.sqlite');
    const starting = new SqliteCatalog({ file: path }).start([]);
    await expect(starting).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringContaining(path) as string,
    });
  });

  it('reports a damaged row instead of handing it out', async () => {
    const folder = await tempFolder();
    const catalog = await startedCatalog(make, folder);
    await catalog.write([aWrite('a.jpg'), aWrite('b.jpg')], NOW);
    const other = new DatabaseSync(join(folder, 'catalog.sqlite'));
    other.exec("UPDATE image SET version = 'x' WHERE fold = 'a.jpg'");
    other.close();
    await expect(catalog.find('a.jpg')).rejects.toMatchObject({ code: 'IO_FAILED' });
    expect(await catalog.find('b.jpg')).toBeDefined();
  });

  it('counts the records of a catalog that an older version of the program has written', async () => {
    const folder = await tempFolder();
    const paths = ['a.jpg', 'B/ä.jpg', '2026/1/2/0d9c5f0e-5f57-4f6e-9a53-000000000001.jpg'];
    const view = { untilMs: null, tombstonesFromMs: 0 };
    const before = make(folder);
    await before.start([]);
    await before.write(
      paths.map((path) => aWrite(path)),
      NOW,
    );
    const expected = await before.digestDays(view);
    await before.stop();
    const old = new DatabaseSync(join(folder, 'catalog.sqlite'));
    old.exec(`DROP TABLE bucket; DROP INDEX image_named; DROP INDEX image_tombstone;
      ALTER TABLE image DROP COLUMN named_bucket; PRAGMA user_version = 1;`);
    old.close();
    const catalog = await startedCatalog(make, folder);
    expect(await catalog.digestDays(view)).toEqual(expected);
    const everyBucket = Array.from({ length: 256 }, (_, index) => index);
    const range = { view, day: 'named', buckets: everyBucket, after: '', upTo: null, limit: 10, server: 's2' };
    expect((await catalog.listEntries(range))[0]?.settled).toHaveLength(16);
  });

  it('counts nothing of a transaction that was rolled back', async () => {
    const catalog = await startedCatalog(make);
    const view = { untilMs: null, tombstonesFromMs: 0 };
    await catalog.write([aWrite('a.jpg')], NOW);
    const before = await catalog.digestDays(view);
    const bad = aRecord('bad.jpg', versionAt(1), { sizeBytes: 'many' as unknown as number });
    const good = aRecord('a.jpg', versionAt(2), { sha256: hashOf(7) });
    const both = [good, bad].map((record) => ({ record, stagingName: null }));
    await expect(catalog.merge(both, NOW)).rejects.toMatchObject({ code: 'IO_FAILED' });
    expect(await catalog.digestDays(view)).toEqual(before);
    await catalog.merge([{ record: good, stagingName: null }], NOW);
    expect(await catalog.digestDays(view)).toMatchObject([{ day: 'named', records: 1, images: 1, bytes: 1000 }]);
    expect(await catalog.digestDays({ ...view, untilMs: NOW + 2 })).toEqual(await catalog.digestDays(view));
  });

  it('counts anew what somebody changed in its file, but never over a write that came meanwhile', async () => {
    const folder = await tempFolder();
    const catalog = await startedCatalog(make, folder);
    const view = { untilMs: null, tombstonesFromMs: 0 };
    await catalog.write([aWrite('a.jpg')], NOW);
    const [kept] = await catalog.digestBuckets(view, 'named');
    const other = new DatabaseSync(join(folder, 'catalog.sqlite'));
    other.exec('DELETE FROM image');
    other.close();
    expect(await catalog.digestBuckets(view, 'named')).toEqual([kept]);
    expect(await catalog.recountBuckets('named')).toEqual([]);
    const counted = { records: 0, images: 0, bytes: 0, oldestMs: null, digest: '0'.repeat(64) };
    const correction = { day: 'named', bucket: kept?.bucket ?? 0, counted };
    expect(await catalog.correctBuckets([{ ...correction, was: 'f'.repeat(64) }])).toBe(0);
    expect(await catalog.correctBuckets([{ ...correction, was: kept?.digest ?? '' }])).toBe(1);
    expect(await catalog.digestDays(view)).toEqual([]);
  });
});
