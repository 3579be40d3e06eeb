import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { agentConfigSchema } from '@imagefleet/shared/common/config/agent-config.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { PathLocks } from '#store/path-locks.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { Ingest, type IngestOutcome, type ReceivedImage } from './ingest.ts';
import { FakeReplication } from './testing/fake-replication.ts';
import { MemoryCatalog } from './testing/memory-catalog.ts';
import { WatchedStore } from './testing/watched-store.ts';

const PNG = pngImage({ seed: 1 });
const OTHER = pngImage({ seed: 2 });
const ID = '2026/7/28/5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1';
/** 23:30 in London, the next morning in Shanghai. */
const NOW = Date.UTC(2014, 3, 14, 22, 30);

describe('ingest', () => {
  let store: WatchedStore;
  let catalog: MemoryCatalog;
  let replication: FakeReplication;
  let ingest: Ingest;

  beforeEach(async () => {
    store = new WatchedStore(await tempFolder());
    await store.start(new Set());
    catalog = new MemoryCatalog();
    replication = new FakeReplication(['s2']);
    const config = agentConfigSchema.parse({
      name: 's1',
      publicUrl: 'http://x.example.com',
      timeZone: 'Asia/Shanghai',
      limits: { fileSize: '1MB' },
    });
    ingest = new Ingest({
      store,
      catalog,
      replication,
      locks: new PathLocks(),
      config,
      now: () => NOW,
      uuid: randomUUID,
      logger: silentLogger,
    });
  });

  async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield bytes;
  }
  const receive = (bytes: Uint8Array, id?: string): Promise<ReceivedImage> =>
    ingest.receive(stream(bytes), { originalName: 'x.jpg', id });
  const codeOf = (outcome: IngestOutcome | undefined): string =>
    outcome === undefined ? 'none' : 'error' in outcome ? outcome.error.code : outcome.record.path;

  it("names an image by the server's local day and by its bytes, not by its sent name", async () => {
    expect((await receive(PNG)).path).toMatch(/^2014\/4\/15\/[0-9a-f-]{36}\.png$/);
  });

  it('has the bytes under their path before the record speaks of them', async () => {
    let wasThere = false;
    const image = await receive(PNG);
    const { path } = image;
    const write = catalog.write.bind(catalog);
    catalog.write = async (...given) => {
      wasThere = (await readFile(store.pathOf(path))).equals(PNG);
      return write(...given);
    };
    await ingest.store([image]);
    expect(wasThere).toBe(true);
  });

  it('wakes replication after the commit, once for all files', async () => {
    await ingest.store([await receive(PNG), await receive(OTHER)]);
    expect([catalog.writes, replication.wakes, catalog.rows.length]).toEqual([1, 1, 2]);
  });

  it('leaves nothing in the tmp area when the commit fails', async () => {
    catalog.beforeWrite = () => {
      throw new FleetError('DISK_FULL', 'x');
    };
    const images = [await receive(PNG, ID), await receive(OTHER)];
    await expect(ingest.store(images)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await store.staged()).toEqual([]);
    expect(replication.wakes).toBe(0);
  });

  it('leaves no file without a record when one of many names cannot be given, or the commit fails', async () => {
    const images = await Promise.all(Array.from({ length: 40 }, () => receive(PNG)));
    const publish = store.publish.bind(store);
    store.publish = async (stagingName, path) => {
      if (path === images[35]?.path) throw new FleetError('IO_FAILED', 'x');
      await publish(stagingName, path);
    };
    await expect(ingest.store(images)).rejects.toMatchObject({ code: 'IO_FAILED' });
    store.publish = publish;
    expect(await store.published()).toEqual([]);
    catalog.beforeWrite = () => {
      throw new FleetError('DISK_FULL', 'x');
    };
    await expect(ingest.store([await receive(PNG), await receive(OTHER)])).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect([await store.published(), await store.staged()]).toEqual([[], []]);
  });

  it('takes a name back that was given before its folder failed to sync', async () => {
    const publish = store.publish.bind(store);
    store.publish = async (...args) => {
      await publish(...args);
      throw new FleetError('IO_FAILED', 'could not sync');
    };
    await expect(ingest.store([await receive(PNG)])).rejects.toMatchObject({ code: 'IO_FAILED' });
    expect(await store.published()).toEqual([]);
  });

  it('keeps the file whose record is there although the commit seemed to fail, or nobody can tell', async () => {
    const [kept, unknown] = [await receive(PNG), await receive(OTHER)];
    const write = catalog.write.bind(catalog);
    catalog.write = async (...given) => {
      await write(...given);
      throw new FleetError('DISK_FULL', 'x');
    };
    await expect(ingest.store([kept])).rejects.toMatchObject({ code: 'DISK_FULL' });
    catalog.findAnyCase = () => Promise.reject(new FleetError('IO_FAILED', 'x'));
    await expect(ingest.store([unknown])).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await store.published()).toEqual([kept.path, unknown.path].sort());
  });

  it('keeps the file when a failed commit may come to light at the next start', async () => {
    const image = await receive(PNG);
    catalog.beforeWrite = () => {
      throw new FleetError('IO_FAILED', 'the sync of the log failed');
    };
    await expect(ingest.store([image])).rejects.toMatchObject({ code: 'IO_FAILED' });
    expect(await store.published()).toEqual([image.path]);
  });

  it.each([
    [Buffer.alloc(0), 'EMPTY_FILE'],
    [Buffer.from('text'), 'NOT_AN_IMAGE'],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'SVG_REFUSED'],
    [Buffer.concat([PNG, Buffer.alloc(2 ** 21)]), 'FILE_TOO_LARGE'],
  ])('refuses %o and leaves nothing', async (bytes, code) => {
    await expect(receive(bytes)).rejects.toMatchObject({ code });
    expect(await store.staged()).toEqual([]);
  });

  it('refuses an id before it reads a byte', async () => {
    await expect(receive(PNG, '2026/07/28/x')).rejects.toMatchObject({ code: 'ID_INVALID' });
    expect(await store.staged()).toEqual([]);
  });

  it('stores the others when a peer takes one id at the last moment', async () => {
    const [mine, free] = [await receive(PNG, ID), await receive(OTHER)];
    catalog.beforeWrite = () => {
      const record = {
        kind: 'present' as const,
        path: `${ID}.png`,
        version: '1',
        sha256: 'f'.repeat(64),
        sizeBytes: 1,
        mediaType: 'image/png',
        originalName: '',
        createdAt: 0,
      };
      catalog.records.set(`${ID}.png`, { ...record, stagingName: null });
    };
    const outcomes = await ingest.store([mine, free]);
    expect(outcomes.map(codeOf)).toEqual(['ID_TAKEN', free.path]);
    expect(await store.staged()).toEqual([]);
    expect(await store.published()).toContain(mine.path);
  });

  it('gives up, and stores nothing, when other writers never stop taking ids', async () => {
    const image = await receive(PNG, ID);
    catalog.write = (writes) =>
      Promise.resolve({
        outcomes: writes.map(() => ({ outcome: 'taken', existing: { path: '' } as never })),
        notes: [],
      });
    expect((await ingest.store([image])).map(codeOf)).toEqual(['ID_TAKEN']);
  });

  it('ends two requests with one id and different types with one of them', async () => {
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), PNG]);
    const [a, b] = await Promise.all([receive(PNG, ID), receive(jpeg, ID)]);
    const outcomes = (await Promise.all([ingest.store([a]), ingest.store([b])])).flat();
    expect(outcomes.map(codeOf)).toEqual([`${ID}.png`, 'ID_TAKEN']);
    expect(await store.published()).toEqual([`${ID}.png`]);
  });

  it('ends two requests with one id and different bytes with one of them', async () => {
    const [a, b] = await Promise.all([receive(PNG, ID), receive(OTHER, ID)]);
    const outcomes = (await Promise.all([ingest.store([a]), ingest.store([b])])).flat();
    expect(outcomes.map(codeOf)).toEqual([`${ID}.png`, 'ID_TAKEN']);
    expect((await readFile(store.pathOf(`${ID}.png`))).equals(PNG)).toBe(true);
  });
});
