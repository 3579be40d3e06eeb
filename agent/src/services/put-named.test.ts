import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { agentConfigSchema } from '@imagefleet/shared/common/config/agent-config.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { PathLocks } from '#store/path-locks.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { instantOfTrashName } from '#store/trash.ts';
import { findCopy } from './find-copy.ts';
import { PutNamed } from './put-named.ts';
import { StagingSweep } from './staging-sweep.ts';
import { FakeReplication } from './testing/fake-replication.ts';
import { MemoryCatalog } from './testing/memory-catalog.ts';
import { WatchedStore } from './testing/watched-store.ts';

const OLD = pngImage({ seed: 1 });
const NEW = pngImage({ seed: 2 });
const LATEST = pngImage({ seed: 3 });
const PATH = parseImagePath('logos/a.png');

describe('a named image', () => {
  let store: WatchedStore;
  let catalog: MemoryCatalog;
  let sweep: StagingSweep;
  let replication: FakeReplication;
  let named: PutNamed;
  let warnings: string[];

  beforeEach(async () => {
    store = new WatchedStore(await tempFolder());
    await store.start(new Set());
    catalog = new MemoryCatalog();
    replication = new FakeReplication(['s2']);
    warnings = [];
    sweep = new StagingSweep(catalog, silentLogger);
    const config = agentConfigSchema.parse({ name: 's1', publicUrl: 'http://x.example.com' });
    named = new PutNamed({
      store,
      catalog,
      replication,
      locks: new PathLocks(),
      sweep,
      config,
      now: Date.now,
      logger: { ...silentLogger, warn: (event) => warnings.push(event) },
    });
  });

  async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield bytes;
  }
  const put = (bytes: Uint8Array, overwrite = false) => named.put(PATH, stream(bytes), { overwrite });
  const served = async (): Promise<Buffer | undefined> => {
    const found = await findCopy({ catalog, store }, PATH);
    const bytes = await found?.open.handle.readFile();
    await found?.open.handle.close();
    return bytes;
  };

  it('keeps the bytes of a version whose rename had failed, too', async () => {
    await put(OLD);
    const publish = store.publish.bind(store);
    store.publish = () => Promise.reject(new FleetError('IO_FAILED', 'x'));
    const { record } = await put(NEW, true);
    store.publish = publish;
    await put(LATEST, true);
    expect((await readFile(join(store.dir, 'trash', record.version))).equals(NEW)).toBe(true);
    expect(await store.staged()).toEqual([]);
  });

  it('is served with its new bytes from the moment of the commit, before the rename', async () => {
    await put(OLD);
    let atRename: Buffer | undefined;
    const publish = store.publish.bind(store);
    store.publish = async (...given) => {
      atRename = await served();
      return publish(...given);
    };
    await put(NEW, true);
    expect(atRename?.equals(NEW)).toBe(true);
    expect((await served())?.equals(NEW)).toBe(true);
  });

  it('keeps what it replaced in the trash, under its version', async () => {
    const { record } = await put(OLD);
    await put(NEW, true);
    expect(await store.trashed()).toEqual([record.version]);
  });

  it('keeps files that nobody knew, one beside the other, under names that the trash is emptied by', async () => {
    const others = ['logos/b.png', 'logos/c.png'].map((path) => parseImagePath(path));
    await put(OLD);
    for (const path of others) {
      await writeFile(store.pathOf(path), `stray ${path}`);
      await named.put(path, stream(NEW), { overwrite: false });
    }
    const names = await store.trashed();
    expect(names).toHaveLength(2);
    expect(names.every((name) => Date.now() - (instantOfTrashName(name) ?? 0) < 60_000)).toBe(true);
  });

  it('is stored, served and on its way to the peers when the rename fails after the commit', async () => {
    await put(OLD);
    store.publish = () => Promise.reject(new FleetError('IO_FAILED', 'x'));
    const outcome = await put(NEW, true);
    expect(outcome).toMatchObject({ isNew: true, record: { path: PATH }, targets: [{ server: 's2' }] });
    expect([replication.wakes, warnings]).toEqual([2, ['ingest.notRenamed']]);
    expect((await served())?.equals(NEW)).toBe(true);
    expect((await catalog.listStaged()).map(({ stagingName }) => stagingName)).toEqual(
      expect.arrayContaining(await store.staged()),
    );
  });

  it('keeps its staged bytes when the commit may have happened: the next start may find a record that names them', async () => {
    await put(OLD);
    catalog.beforeWrite = () => {
      throw new FleetError('IO_FAILED', 'x');
    };
    await expect(put(NEW, true)).rejects.toMatchObject({ code: 'IO_FAILED' });
    expect(await store.staged()).toHaveLength(1);
    expect((await served())?.equals(OLD)).toBe(true);
  });

  it('leaves nothing when the disk is full at the commit, and the old bytes are served', async () => {
    await put(OLD);
    catalog.beforeWrite = () => {
      throw new FleetError('DISK_FULL', 'x');
    };
    await expect(put(NEW, true)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await store.staged()).toEqual([]);
    expect((await served())?.equals(OLD)).toBe(true);
  });

  it('knows a full disk behind a commit whose sync failed, and keeps what the next start may need', async () => {
    await put(OLD);
    store.freeBytes = 0;
    catalog.beforeWrite = () => {
      throw new FleetError('IO_FAILED', 'disk I/O error');
    };
    await expect(put(NEW, true)).rejects.toMatchObject({ code: 'DISK_FULL', status: 507 });
    expect(await store.staged()).toHaveLength(1);
  });

  it('is a new version when it is overwritten with equal bytes, for the peers too, and costs the disk nothing', async () => {
    const { record } = await put(OLD);
    const again = await put(OLD, true);
    expect(again).toMatchObject({ isNew: true, targets: [{ server: 's2' }] });
    expect(again.record.version > record.version).toBe(true);
    expect([await store.staged(), await store.trashed()]).toEqual([[], []]);
    expect((await served())?.equals(OLD)).toBe(true);
    expect(await put(OLD)).toMatchObject({ isNew: false, record: { version: again.record.version } });
  });

  it('is overwritten with equal bytes also where its file is gone or its rename never happened', async () => {
    await put(OLD);
    await rm(store.pathOf(PATH));
    await put(OLD, true);
    expect((await readFile(store.pathOf(PATH))).equals(OLD)).toBe(true);
    const publish = store.publish.bind(store);
    store.publish = () => Promise.reject(new FleetError('IO_FAILED', 'x'));
    await put(NEW, true);
    store.publish = publish;
    await put(NEW, true);
    expect((await readFile(store.pathOf(PATH))).equals(NEW)).toBe(true);
    expect(await store.staged()).toEqual([]);
  });

  it('never puts its bytes over an image that another server was faster to store', async () => {
    await put(OLD);
    const theirs = catalog.records.get(PATH);
    catalog.records.clear();
    catalog.beforeWrite = () => {
      if (theirs !== undefined) catalog.records.set(PATH, theirs);
    };
    await expect(put(NEW)).rejects.toMatchObject({ code: 'PATH_TAKEN' });
    expect((await readFile(store.pathOf(PATH))).equals(OLD)).toBe(true);
    expect(await store.staged()).toEqual([]);
  });

  it('puts its bytes back where the file of an equal image is gone', async () => {
    await put(OLD);
    await sweep.stop();
    await rm(store.pathOf(PATH));
    await put(OLD);
    expect((await readFile(store.pathOf(PATH))).equals(OLD)).toBe(true);
    expect(await store.staged()).toEqual([]);
  });

  it('is no longer marked as staged after a while', async () => {
    await put(OLD);
    expect(await catalog.listStaged()).toHaveLength(1);
    await sweep.stop();
    expect(await catalog.listStaged()).toEqual([]);
  });
});
