import { rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { formatVersion } from '@imagefleet/shared/common/image/version.ts';
import type { VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { chunksOf } from '#store/testing/image-store-contract.ts';
import { eventually, generatedPath, imageBytes, sha256Of, TestServer } from '../testing/test-server.ts';

let s1: TestServer;
let s2: TestServer;
/** One for all versions of a test. */
let now: number;

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

beforeEach(async () => {
  now = Date.now();
  s1 = await TestServer.start({ name: 's1', autoRetry: false });
  s2 = await TestServer.start({ name: 's2', autoRetry: false });
  await Promise.all([s1.replicateTo(s2), s2.replicateTo(s1)]);
});

afterEach(async () => {
  await Promise.all([s1.stop(), s2.stop()]);
});

interface Planted {
  readonly path: string;
  readonly bytes?: Buffer;
  readonly at?: number;
}

/** An image that came to one server only, and that nobody is to bring to the other: as after a lost catalog. */
async function plant(server: TestServer, { path, bytes = imageBytes(), at = 1 }: Planted): Promise<PresentRecord> {
  const { stagingName, sha256, sizeBytes } = await server.store.stage(chunksOf(bytes), { maxBytes: bytes.length });
  await server.store.publish(stagingName, path as never);
  const version = formatVersion({ wallMs: now - 60_000 + at, counter: 0 }, 'elsewhere');
  const fields = { mediaType: 'image/png', originalName: '照片.png', createdAt: 1 };
  const record: PresentRecord = { kind: 'present', path, version, sha256, sizeBytes, ...fields };
  await server.catalog.merge([{ record, stagingName: null }], server.now());
  return record;
}

async function verify(server: TestServer, withCopies = false): Promise<VerifyReport> {
  const run = server.repair.start({ reason: 'command', withCopies });
  await run.ended;
  return run.report();
}

async function rootsOf(...servers: readonly TestServer[]): Promise<readonly string[]> {
  const view = { untilMs: null, tombstonesFromMs: 0 };
  return Promise.all(servers.map(async (server) => (await server.repair.ownRoot(view)).digest));
}

async function expectSame(count: number): Promise<void> {
  const [first, second] = await rootsOf(s1, s2);
  expect(first).toBe(second);
  const [ours, theirs] = await Promise.all([s1, s2].map((server) => server.catalog.listImages({ limit: 1000 })));
  expect(ours).toHaveLength(count);
  expect(theirs).toEqual(ours);
  for (const { path, sha256 } of ours ?? []) {
    for (const server of [s1, s2]) expect(sha256Of((await server.read(path)) ?? Buffer.of())).toBe(sha256);
  }
  for (const server of [s1, s2]) expect(await server.leftovers()).toEqual([]);
}

describe('a run with a peer', () => {
  it('asks one question when both have the same', async () => {
    for (const server of [s1, s2]) await plant(server, { path: generatedPath(1), bytes: Buffer.from('same') });
    const [root] = await rootsOf(s1);
    expect(await rootsOf(s2)).toEqual([root]);
    s2.requests.length = 0;
    const report = await verify(s1);
    expect(report).toMatchObject({ state: 'done', isEqual: true, records: 1 });
    expect(report.servers).toMatchObject([{ server: 's2', state: 'equal', pulled: 0, pushed: 0 }]);
    expect(s2.requests.filter((url) => url.startsWith('/peer/v1/repair'))).toEqual(['/peer/v1/repair/root']);
  });

  it('heals both directions: days, named images, small and large ones', async () => {
    const large = imageBytes(3_000_000);
    for (let index = 0; index < 70; index += 1) await plant(s2, { path: generatedPath(index), at: index });
    await plant(s2, { path: 'banners/首页 A.png', bytes: large });
    await plant(s1, { path: '2025/12/31/0d9c5f0e-5f57-4f6e-9a53-000000000001.png' });
    await plant(s1, { path: 'logo.png' });
    const report = await verify(s1);
    expect(report.isEqual).toBe(true);
    expect(report.servers).toMatchObject([{ state: 'healed', pulled: 71, pushed: 2, failedCount: 0, cause: null }]);
    await expectSame(73);
    expect((await verify(s2)).servers).toMatchObject([{ state: 'equal' }]);
  });

  it('lets the newer version win on both sides, keeps what was replaced, and spreads tombstones', async () => {
    await plant(s1, { path: 'a.png', at: 1 });
    await plant(s2, { path: 'a.png', at: 2 });
    const kept = await plant(s1, { path: 'b.png', at: 5 });
    await plant(s2, { path: 'b.png', at: 4 });
    await plant(s1, { path: 'c.png', at: 6 });
    const version = formatVersion({ wallMs: now, counter: 0 }, 'x');
    const tombstone = { kind: 'tombstone' as const, path: 'c.png', version, createdAt: 1 };
    await s2.catalog.merge([{ record: tombstone, stagingName: null }], s2.now());
    expect((await verify(s1)).isEqual).toBe(true);
    expect(await s2.catalog.find('b.png')).toMatchObject({ sha256: kept.sha256 });
    expect(await s1.catalog.find('c.png')).toMatchObject({ kind: 'tombstone' });
    expect(await s1.trashed()).toHaveLength(1);
    await expectSame(2);
  });

  it('gives back a tombstone that is too old to be compared', async () => {
    await plant(s1, { path: 'gone.png' });
    await plant(s2, { path: 'gone.png' });
    const old = await plant(s2, { path: 'old.png', at: 1 - 50 * 86_400_000 });
    const version = formatVersion({ wallMs: now - 40 * 86_400_000, counter: 0 }, 'x');
    const tombstone = { kind: 'tombstone' as const, path: old.path, version, createdAt: 1 };
    await s1.catalog.merge([{ record: tombstone, stagingName: null }], s1.now());
    await verify(s1);
    expect(await s2.catalog.find('old.png')).toMatchObject({ kind: 'tombstone', version });
    expect(await s1.catalog.find('old.png')).toMatchObject({ kind: 'tombstone', version });
  });

  it('leaves to the ledger what is on its way', async () => {
    await s2.unplug();
    await eventually('s2 is down', () => s1.replicator.peers()[0]?.state === 'down');
    await s1.accept(generatedPath(1), imageBytes());
    await s2.listen();
    // With autoRetry off a parked delivery stays where it is.
    await eventually('s2 is up', () => s1.replicator.peers()[0]?.state === 'up');
    const fromS1 = await verify(s1);
    expect(fromS1).toMatchObject({ isEqual: true, servers: [{ state: 'onTheWay', onTheWay: 1, pushed: 0 }] });
    const fromS2 = await verify(s2);
    expect(fromS2.servers).toMatchObject([{ state: 'onTheWay', onTheWay: 1, pulled: 0 }]);
    expect(await s2.catalog.countImages()).toBe(0);
  });

  it('says which server is silent, and why', async () => {
    await s2.unplug();
    const report = await verify(s1);
    expect(report.isEqual).toBe(false);
    expect(report.servers).toMatchObject([{ state: 'silent', cause: { code: 'PEER_UNREACHABLE' } }]);
  });

  it('tells which image the peer cannot give, and brings the others', async () => {
    const lost = await plant(s2, { path: generatedPath(1) });
    const rotten = await plant(s2, { path: generatedPath(2) });
    await plant(s2, { path: generatedPath(3) });
    await rm(s2.fileOf(lost.path));
    await writeFile(s2.fileOf(rotten.path), imageBytes(rotten.sizeBytes));
    const { isEqual, servers } = await verify(s1);
    expect(isEqual).toBe(false);
    expect(servers).toMatchObject([{ state: 'differs', pulled: 1, failedCount: 2 }]);
    const codes = new Map(servers[0]?.failed.map(({ path, code }) => [path, code]));
    expect(codes).toEqual(
      new Map([
        [lost.path, 'OWN_COPY_MISSING'],
        [rotten.path, 'DIGEST_MISMATCH'],
      ]),
    );
  });

  it('stops at a full disk instead of trying every image', async () => {
    for (let index = 0; index < 3; index += 1) await plant(s2, { path: generatedPath(index) });
    vi.spyOn(s1.store, 'stageWhole').mockRejectedValue(new FleetError('DISK_FULL', 'no space'));
    const { isEqual, servers } = await verify(s1);
    expect(isEqual).toBe(false);
    expect(servers).toMatchObject([{ state: 'differs', cause: { code: 'DISK_FULL' } }]);
  });

  it('is refused the second half by a peer that does not know this server', async () => {
    const s3 = await TestServer.start({ name: 's3' });
    await s3.replicateTo(s1);
    await plant(s3, { path: generatedPath(1) });
    const { servers } = await verify(s3);
    expect(servers).toMatchObject([{ server: 's1', state: 'differs', cause: { code: 'SERVER_UNKNOWN' } }]);
    await s3.stop();
  });
});

describe('the look at the own files', () => {
  it('fetches again what is gone or has another size', async () => {
    const bytes = imageBytes();
    for (const server of [s1, s2]) {
      for (let index = 0; index < 5; index += 1) await plant(server, { path: generatedPath(index), bytes });
    }
    await rm(s1.fileOf(generatedPath(1)));
    await writeFile(s1.fileOf(generatedPath(3)), 'half');
    const report = await verify(s1, true);
    expect(report).toMatchObject({ isEqual: true, copies: { checked: 5, missing: 2, restored: 2, failedCount: 0 } });
    await expectSame(5);
    expect(await s1.trashed()).toHaveLength(1);
  });

  it('lets a delivery go that died of the missing file', async () => {
    const bytes = imageBytes();
    const path = generatedPath(1);
    const image = { path, sha256: sha256Of(bytes), sizeBytes: bytes.length, mediaType: 'image/png' };
    const write = { ...image, originalName: 'a.png', mode: 'create' as const, stagingName: null };
    const { outcomes } = await s1.catalog.write([{ ...write, targets: s1.replicator.targets() }], s1.now());
    const record = outcomes[0] !== undefined && 'record' in outcomes[0] ? outcomes[0].record : undefined;
    const [row] = await s1.ledger();
    if (record === undefined || row === undefined) throw new Error('nothing to die');
    const cause = { code: 'OWN_COPY_MISSING' as const, message: 'gone' };
    const to = { state: 'dead' as const, attempts: 1, cause };
    await s1.catalog.settle([{ id: row.id, version: row.version, to }], s1.now());
    const { stagingName } = await s2.store.stage(chunksOf(bytes), { maxBytes: bytes.length });
    await s2.store.publish(stagingName, path as never);
    await s2.catalog.merge([{ record, stagingName: null }], s2.now());
    expect(await verify(s1, true)).toMatchObject({ isEqual: true, copies: { restored: 1 } });
    expect(await s1.read(path)).toEqual(bytes);
    await eventually('the delivery went out', async () => (await s1.ledger()).length === 0);
  });

  async function lost(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const planted = { path: generatedPath(index), bytes: Buffer.from(`image ${String(index)}`) };
      for (const server of [s1, s2]) await plant(server, planted);
      await rm(s1.fileOf(planted.path));
    }
    s2.requests.length = 0;
  }
  /** Fetches that may be under way when the first one fails. */
  const AT_ONCE = 3;
  const fetches = (): number => s2.requests.filter((url) => url === '/peer/v1/fetch').length;

  it('stops at a full disk instead of trying every image', async () => {
    await lost(8);
    vi.spyOn(s1.store, 'stage').mockRejectedValue(new FleetError('DISK_FULL', 'no space'));
    const { isEqual, copies } = await verify(s1, true);
    expect([isEqual, copies?.restored]).toEqual([false, 0]);
    expect(copies?.failed).toMatchObject([{ code: 'DISK_FULL' }]);
    expect(fetches()).toBeGreaterThan(0);
    expect(fetches()).toBeLessThanOrEqual(AT_ONCE);
  });

  it('leaves nothing in the tmp area of what found no room for its name', async () => {
    await lost(8);
    vi.spyOn(s1.store, 'publish').mockRejectedValue(new FleetError('DISK_FULL', 'no room for a folder'));
    expect((await verify(s1, true)).copies).toMatchObject({ restored: 0, failed: [{ code: 'DISK_FULL' }] });
    expect(await s1.leftovers()).toEqual([]);
  });

  it('asks a peer no more that fails on the way, and names its failure for what is left', async () => {
    await lost(8);
    s2.intercept = (request) => {
      if (request.url !== '/peer/v1/fetch') return false;
      request.socket.destroy();
      return true;
    };
    const { copies } = await verify(s1, true);
    expect(copies).toMatchObject({ checked: 8, missing: 8, restored: 0, failedCount: 8 });
    for (const { code } of copies?.failed ?? []) expect(code).toBe('PEER_UNREACHABLE');
    expect(fetches()).toBeGreaterThan(0);
    expect(fetches()).toBeLessThanOrEqual(AT_ONCE);
  });

  it('says what nobody has any more', async () => {
    const record = await plant(s1, { path: generatedPath(1), bytes: Buffer.from('same') });
    await plant(s2, { path: generatedPath(1), bytes: Buffer.from('same') });
    await Promise.all([s1, s2].map((server) => rm(server.fileOf(record.path))));
    const report = await verify(s1, true);
    expect(report).toMatchObject({ isEqual: false, copies: { checked: 1, missing: 1, restored: 0, failedCount: 1 } });
    expect(report.copies?.failed[0]).toMatchObject({ path: record.path, code: 'OWN_COPY_MISSING' });
  });
});
