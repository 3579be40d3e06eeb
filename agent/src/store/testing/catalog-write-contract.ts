import { expect, it } from 'vitest';
import { clockOf, serverIdOf } from '@imagefleet/shared/common/image/version.ts';
import type { Catalog, LocalWrite } from '#store/catalog.ts';
import {
  aRecord,
  aTombstone,
  aWrite,
  DOWN,
  hashOf,
  ledgerOf,
  NOW,
  startedCatalog,
  TO_ALL,
  versionAt,
  type CatalogFactory,
} from './catalog-builders.ts';
import { tempFolder } from './temp-folder.ts';

async function writeOne(catalog: Catalog, write: LocalWrite, nowMs = NOW) {
  const { outcomes, notes } = await catalog.write([write], nowMs);
  const outcome = outcomes[0];
  if (outcome === undefined) throw new Error('no outcome');
  return { outcome, notes };
}

async function store(catalog: Catalog, write: LocalWrite, nowMs = NOW) {
  const { outcome } = await writeOne(catalog, write, nowMs);
  if (outcome.outcome !== 'stored') throw new Error(outcome.outcome);
  return outcome.record;
}

export function writeContract(make: CatalogFactory): void {
  it('stores a record with a version of this server and one delivery per target', async () => {
    const catalog = await startedCatalog(make);
    const record = await store(catalog, aWrite('a.jpg', { targets: TO_ALL }));
    expect(record).toEqual(aRecord('a.jpg', record.version));
    expect(serverIdOf(record.version)).toBe(catalog.serverId);
    expect(clockOf(record.version)).toEqual({ wallMs: NOW, counter: 0 });
    expect(await catalog.find('a.jpg')).toEqual({ ...record, stagingName: null });
    const open = {
      path: 'a.jpg',
      version: record.version,
      state: 'pending',
      attempts: 0,
      sizeBytes: 1000,
      queuedAt: NOW,
    };
    const never = { nextAttemptAt: null, cause: null, firstFailedAt: null };
    expect(await ledgerOf(catalog)).toEqual([
      { id: 1, server: 's2', ...open, ...never },
      { id: 2, server: 's3', ...open, ...never },
    ]);
    expect(await catalog.countImages()).toBe(1);
  });

  it('parks deliveries to a peer that is down at birth, and notes them', async () => {
    const catalog = await startedCatalog(make);
    const targets = [
      { server: 's2', parkedBy: DOWN },
      { server: 's3', parkedBy: null },
    ];
    const { notes } = await writeOne(catalog, aWrite('a.jpg', { targets }));
    expect(notes).toEqual([{ at: NOW, path: 'a.jpg', server: 's2', cause: DOWN }]);
    expect(await ledgerOf(catalog)).toMatchObject([
      { server: 's2', state: 'parked', cause: DOWN, firstFailedAt: NOW, attempts: 0 },
      { server: 's3', state: 'pending', cause: null, firstFailedAt: null },
    ]);
  });

  it('changes nothing when the same bytes are to be created', async () => {
    const catalog = await startedCatalog(make);
    const record = await store(catalog, aWrite('a.jpg', { targets: TO_ALL }));
    const ledger = await ledgerOf(catalog);
    const { outcome } = await writeOne(catalog, aWrite('a.jpg', { originalName: 'b.jpg', targets: TO_ALL }), NOW + 9);
    expect(outcome).toEqual({ outcome: 'same', record });
    expect(await ledgerOf(catalog)).toEqual(ledger);
  });

  it('makes a new version of an overwrite with the same bytes, which wins over what others wrote before it', async () => {
    const catalog = await startedCatalog(make);
    const old = await store(catalog, aWrite('a.jpg', { targets: TO_ALL }));
    const record = await store(catalog, aWrite('a.jpg', { mode: 'overwrite', targets: TO_ALL }), NOW + 9);
    expect(record).toEqual({ ...old, version: record.version });
    expect((await ledgerOf(catalog)).map(({ server, version }) => [server, version])).toEqual([
      ['s2', record.version],
      ['s3', record.version],
    ]);
    const between = aRecord('a.jpg', versionAt(5), { sha256: hashOf(2) });
    expect(await catalog.merge([{ record: between, stagingName: null }], NOW + 9)).toEqual([{ outcome: 'older' }]);
    expect(await catalog.countImages()).toBe(1);
  });

  it('refuses to create over other bytes', async () => {
    const catalog = await startedCatalog(make);
    const existing = await store(catalog, aWrite('a.jpg'));
    const { outcome } = await writeOne(catalog, aWrite('a.jpg', { sha256: hashOf(2) }));
    expect(outcome).toEqual({ outcome: 'taken', existing });
  });

  it.each(['create', 'overwrite'] as const)('refuses a path that differs only in case (%s)', async (mode) => {
    const catalog = await startedCatalog(make);
    const existing = await store(catalog, aWrite('Ä/Logo.jpg'));
    for (const sha256 of [hashOf(1), hashOf(2)]) {
      const { outcome } = await writeOne(catalog, aWrite('ä/logo.JPG', { mode, sha256 }));
      expect(outcome).toEqual({ outcome: 'caseTaken', existing });
    }
  });

  it('replaces the older deliveries of a path that is overwritten', async () => {
    const catalog = await startedCatalog(make);
    const old = await store(catalog, aWrite('a.jpg', { targets: TO_ALL }));
    await store(catalog, aWrite('b.jpg', { sha256: hashOf(2), targets: TO_ALL }));
    const write = aWrite('a.jpg', {
      mode: 'overwrite',
      sha256: hashOf(3),
      sizeBytes: 7,
      stagingName: 'n',
      targets: TO_ALL,
    });
    const record = await store(catalog, write, NOW + 50);
    expect(record.version > old.version).toBe(true);
    expect(record.createdAt).toBe(NOW);
    expect(await catalog.find('a.jpg')).toEqual({ ...record, stagingName: 'n' });
    expect((await ledgerOf(catalog)).map(({ id, path, sizeBytes }) => [id, path, sizeBytes])).toEqual([
      [3, 'b.jpg', 1000],
      [4, 'b.jpg', 1000],
      [5, 'a.jpg', 7],
      [6, 'a.jpg', 7],
    ]);
    expect(await catalog.countImages()).toBe(2);
  });

  it('exceeds the record it changes even when that came from a clock that is ahead', async () => {
    const catalog = await startedCatalog(make);
    const ahead = versionAt(200_000, 3);
    await catalog.merge([{ record: aRecord('a.jpg', ahead), stagingName: null }], NOW);
    const record = await store(catalog, aWrite('a.jpg', { mode: 'overwrite', sha256: hashOf(2) }));
    expect(record.version > ahead).toBe(true);
    expect(clockOf(record.version)).toEqual({ wallMs: NOW + 200_000, counter: 4 });
  });

  it('creates where only a tombstone is, with a later version', async () => {
    const catalog = await startedCatalog(make);
    const deleted = versionAt(100);
    await catalog.merge([{ record: aTombstone('a.jpg', deleted), stagingName: null }], NOW);
    const record = await store(catalog, aWrite('a.jpg'));
    expect(record.version > deleted).toBe(true);
    expect(await catalog.countImages()).toBe(1);
  });

  it('never repeats a version, whatever the clock does and however often it starts', async () => {
    const folder = await tempFolder();
    const versions: string[] = [];
    for (const [round, nowMs] of [NOW, NOW - 60_000, NOW - 60_000].entries()) {
      const catalog = make(folder);
      await catalog.start([]);
      for (const part of [0, 1])
        versions.push((await store(catalog, aWrite(`${String(round)}/${String(part)}.jpg`), nowMs)).version);
      await catalog.stop();
    }
    expect(versions).toEqual([...new Set(versions)].sort());
    expect(new Set(versions.map(serverIdOf)).size).toBe(1);
  });

  it('stores none of a list when one of it is taken, and says what the others would have been', async () => {
    const catalog = await startedCatalog(make);
    const existing = await store(catalog, aWrite('taken.jpg'));
    const writes = [
      aWrite('new.jpg', { targets: TO_ALL }),
      aWrite('taken.jpg', { sha256: hashOf(2) }),
      aWrite('taken.jpg'),
      aWrite('TAKEN.jpg'),
    ];
    const { outcomes, notes } = await catalog.write(writes, NOW);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['stored', 'taken', 'same', 'caseTaken']);
    expect(outcomes[1]).toEqual({ outcome: 'taken', existing });
    expect(notes).toEqual([]);
    expect(await catalog.find('new.jpg')).toBeUndefined();
    expect(await ledgerOf(catalog)).toEqual([]);
    expect(await catalog.countImages()).toBe(1);
  });

  it.each(['create', 'overwrite'] as const)('compares the entries of one list with each other (%s)', async (mode) => {
    const catalog = await startedCatalog(make);
    const twice = await catalog.write([aWrite('a.jpg', { mode }), aWrite('a.jpg', { mode })], NOW);
    expect(twice.outcomes.map(({ outcome }) => outcome)).toEqual(['stored', 'same']);
    expect(await catalog.countImages()).toBe(1);
    const other = await catalog.write([aWrite('b.jpg', { mode }), aWrite('b.jpg', { mode, sha256: hashOf(2) })], NOW);
    expect(other.outcomes.map(({ outcome }) => outcome)).toEqual(['stored', 'taken']);
    const spelled = await catalog.write([aWrite('b.jpg', { mode }), aWrite('B.jpg', { mode })], NOW);
    expect(spelled.outcomes.map(({ outcome }) => outcome)).toEqual(['stored', 'caseTaken']);
    expect(await catalog.find('b.jpg')).toBeUndefined();
  });

  it('answers many writers at once, each with its own outcome', async () => {
    const catalog = await startedCatalog(make);
    const paths = Array.from({ length: 1000 }, (_, index) => `many/${String(index % 500)}.jpg`);
    const results = await Promise.all(
      paths.map((path, index) => writeOne(catalog, aWrite(path, { sha256: hashOf(index), targets: TO_ALL }))),
    );
    expect(results.map(({ outcome }) => outcome.outcome)).toEqual(
      paths.map((_, index) => (index < 500 ? 'stored' : 'taken')),
    );
    expect(await catalog.countImages()).toBe(500);
    expect(await ledgerOf(catalog)).toHaveLength(1000);
  });

  it('lists what was committed before its rename until that is cleared for the same version', async () => {
    const catalog = await startedCatalog(make);
    const record = await store(catalog, aWrite('a.jpg', { stagingName: 'n1' }));
    await store(catalog, aWrite('b.jpg'));
    expect(await catalog.listStaged()).toEqual([{ ...record, stagingName: 'n1' }]);
    await catalog.clearStaging([{ path: 'a.jpg', version: versionAt(-1) }]);
    expect(await catalog.listStaged()).toHaveLength(1);
    await catalog.clearStaging([{ path: 'a.jpg', version: record.version }]);
    expect(await catalog.listStaged()).toEqual([]);
    expect(await catalog.find('a.jpg')).toEqual({ ...record, stagingName: null });
  });
}
