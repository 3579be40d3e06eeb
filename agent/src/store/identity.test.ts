import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { MemoryCatalog } from '#services/testing/memory-catalog.ts';
import { decideIdentity, Identity, type IdentityClues, type IdentityDeps } from './identity.ts';
import { IDENTITY_FILE, readIdentityFile, writeIdentityFile } from './identity-file.ts';
import { aRecord, versionAt } from './testing/catalog-builders.ts';
import { tempFolder } from './testing/temp-folder.ts';

const OWN: IdentityClues = {
  ...{ serverId: 'own', generation: 7, hasRecords: true },
  folder: { serverId: 'own', generation: 7 },
};

describe('whether a catalog and an image folder belong together', () => {
  it.each<[string, Partial<IdentityClues>, string]>([
    ['both are there and alike', {}, 'normal'],
    ['a crash came between the two', { generation: 8 }, 'normal'],
    ['the folder is empty or new', { folder: undefined }, 'imagesLost'],
    ['the folder is from a backup', { generation: 20 }, 'imagesOld'],
    ['the catalog is from before there were ids', { generation: null, folder: undefined }, 'imagesLost'],
    ['neither is there', { generation: null, hasRecords: false, folder: undefined }, 'fresh'],
    [
      'only the folder is there',
      { generation: null, hasRecords: false, folder: { serverId: 'before', generation: 3 } },
      'fresh',
    ],
  ])('when %s', (_when, clues, found) => {
    expect(decideIdentity({ ...OWN, ...clues })).toBe(found);
  });

  it('is refused for the folder of another server and for a catalog from a backup', () => {
    const foreign = { ...OWN, folder: { serverId: 'other', generation: 7 } };
    expect(() => decideIdentity(foreign)).toThrow(expect.objectContaining({ code: 'IDENTITY_FOREIGN' }));
    const old = { ...OWN, generation: 6 };
    expect(() => decideIdentity(old)).toThrow(expect.objectContaining({ code: 'CATALOG_OLD' }));
    expect(() => decideIdentity({ ...OWN, generation: null })).toThrow(
      expect.objectContaining({ code: 'CATALOG_OLD' }),
    );
  });
});

describe('the identity of a server', () => {
  const build = (imagesDir: string, catalog = new MemoryCatalog(), more: Partial<IdentityDeps> = {}) => ({
    catalog,
    identity: new Identity({
      ...{ imagesDir, catalog, logger: silentLogger, ...more },
      factsFor: (found) => [{ name: 'found', value: found }],
    }),
  });
  const full = (): Promise<never> => Promise.reject(new FleetError('DISK_FULL', 'no space left'));

  it('is given to a new folder, and holds over restarts', async () => {
    const imagesDir = join(await tempFolder(), 'images');
    const { catalog, identity } = build(imagesDir);
    expect(await identity.settle()).toBe('fresh');
    expect(await readIdentityFile(imagesDir)).toEqual({ serverId: 'test', generation: 1 });
    expect(await build(imagesDir, catalog).identity.settle()).toBe('normal');
    expect(await readIdentityFile(imagesDir)).toEqual({ serverId: 'test', generation: 2 });
    expect(await catalog.recall()).toEqual(
      new Map([
        ['generation', '2'],
        ['found', 'normal'],
      ]),
    );
    expect(await readdir(imagesDir)).toEqual([IDENTITY_FILE]);
  });

  it('knows a folder that was emptied, at a start and while the agent runs, and remembers it before it says so', async () => {
    const imagesDir = await tempFolder();
    const { catalog, identity } = build(imagesDir);
    await catalog.merge([{ record: aRecord('a.png', versionAt(1)), stagingName: null }]);
    expect(await identity.settle()).toBe('imagesLost');
    expect(await identity.look()).toBe('normal');
    await rm(imagesDir, { recursive: true });
    expect(await identity.look()).toBe('imagesLost');
    expect(catalog.facts.get('found')).toBe('imagesLost');
    expect(await identity.look()).toBe('normal');
  });

  it('knows a folder that was exchanged for an older one while the agent runs, be it older by one generation only', async () => {
    const imagesDir = await tempFolder();
    const { catalog, identity } = build(imagesDir);
    await identity.settle();
    const backup = await readFile(join(imagesDir, IDENTITY_FILE));
    expect(await identity.advance()).toBe('normal');
    await writeFile(join(imagesDir, IDENTITY_FILE), backup);
    expect(await identity.look()).toBe('imagesOld');
    expect(catalog.facts.get('found')).toBe('imagesOld');
    expect(await identity.look()).toBe('normal');
    await writeFile(join(imagesDir, IDENTITY_FILE), backup);
    expect(await identity.advance()).toBe('imagesOld');
  });

  it('takes no folder for an older one whose new generation it could not write', async () => {
    const imagesDir = await tempFolder();
    const { catalog } = build(imagesDir);
    await build(imagesDir, catalog).identity.settle();
    const { identity } = build(imagesDir, catalog, { write: full });
    await identity.settle();
    expect(await identity.look()).toBe('normal');
  });

  it('refuses, and changes nothing, when another server’s disk or an old catalog was put there', async () => {
    const imagesDir = await tempFolder();
    const { catalog, identity } = build(imagesDir);
    await identity.settle();
    const before = new Map(await catalog.recall());
    await identity.advance();
    const old = new MemoryCatalog();
    await old.remember([...before].map(([name, value]) => ({ name, value })));
    await expect(build(imagesDir, old).identity.settle()).rejects.toMatchObject({ code: 'CATALOG_OLD' });
    await writeIdentityFile(imagesDir, { serverId: 'other', generation: 9 });
    await expect(build(imagesDir, catalog).identity.settle()).rejects.toMatchObject({ code: 'IDENTITY_FOREIGN' });
    await expect(identity.look()).rejects.toMatchObject({ code: 'IDENTITY_FOREIGN' });
    await expect(identity.advance()).rejects.toMatchObject({ code: 'IDENTITY_FOREIGN' });
    await writeIdentityFile(imagesDir, { serverId: 'test', generation: 9 });
    await expect(identity.look()).rejects.toMatchObject({ code: 'CATALOG_OLD' });
    await writeIdentityFile(imagesDir, { serverId: 'other', generation: 9 });
    expect(await readFile(join(imagesDir, IDENTITY_FILE), 'utf8')).toBe(
      '{"version":1,"serverId":"other","generation":9}\n',
    );
  });

  it('is settled on a full disk where both belong together, over any number of starts, and advances afterwards', async () => {
    const imagesDir = await tempFolder();
    const { catalog } = build(imagesDir);
    await build(imagesDir, catalog).identity.settle();
    const lines: string[] = [];
    const logger = { ...silentLogger, error: (event: string) => void lines.push(event) };
    const onFullDisk = build(imagesDir, catalog, { write: full, logger }).identity;
    expect(await onFullDisk.settle()).toBe('normal');
    for (let hour = 0; hour < 3; hour += 1) {
      await expect(onFullDisk.advance()).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(await build(imagesDir, catalog, { write: full, logger }).identity.settle()).toBe('normal');
    }
    expect(lines).toEqual(Array(4).fill('identity.notAdvanced'));
    expect([catalog.facts.get('generation'), (await readIdentityFile(imagesDir))?.generation]).toEqual(['2', 1]);
    expect(await onFullDisk.look()).toBe('normal');
    const later = build(imagesDir, catalog).identity;
    expect([await later.settle(), await later.advance()]).toEqual(['normal', 'normal']);
    expect([catalog.facts.get('generation'), (await readIdentityFile(imagesDir))?.generation]).toEqual(['4', 4]);
  });

  it('is settled when the catalog takes nothing either, and starts nothing that a full disk would forget', async () => {
    const imagesDir = await tempFolder();
    const { catalog } = build(imagesDir);
    await build(imagesDir, catalog).identity.settle();
    const refusing = Object.assign(new MemoryCatalog(), { remember: full, recall: () => catalog.recall() });
    expect(await build(imagesDir, refusing).identity.settle()).toBe('normal');
    await rm(join(imagesDir, IDENTITY_FILE));
    await expect(build(imagesDir, refusing).identity.settle()).rejects.toMatchObject({ code: 'DISK_FULL' });
  });

  it('takes no file for its own that it cannot read', async () => {
    const imagesDir = await tempFolder();
    for (const text of ['', 'own', '{"serverId":"own"}']) {
      await writeFile(join(imagesDir, IDENTITY_FILE), text);
      await expect(readIdentityFile(imagesDir)).rejects.toMatchObject({ code: 'IDENTITY_FOREIGN' });
    }
    await rm(join(imagesDir, IDENTITY_FILE));
    await mkdir(join(imagesDir, IDENTITY_FILE));
    await expect(readIdentityFile(imagesDir)).rejects.toMatchObject({ code: 'IO_FAILED' });
  });
});
