import { rm, truncate, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { eventually, generatedPath, imageBytes, TestServer } from './testing/test-server.ts';

let servers: TestServer[] = [];

async function pair(): Promise<readonly [TestServer, TestServer]> {
  const [s1, s2] = [await TestServer.start({ name: 's1', autoRetry: false }), await TestServer.start({ name: 's2' })];
  servers = [s1, s2];
  await s2.openCatalog([]);
  await s1.replicateTo(s2);
  return [s1, s2];
}

/** An image that is in s1's ledger, parked, so that its file can be harmed before it is sent. */
async function parkedImage(bytes: Buffer): Promise<readonly [TestServer, TestServer]> {
  const [s1, s2] = await pair();
  await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
  s2.store.freeBytes = 0;
  await s1.accept(generatedPath(1), bytes);
  await eventually('parked', async () => (await s1.ledger())[0]?.state === 'parked');
  s2.store.freeBytes = 1e12;
  return [s1, s2];
}

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

afterEach(async () => {
  await Promise.all(servers.map((one) => one.stop()));
  servers = [];
});

describe('a delivery whose own copy', () => {
  const harms: readonly (readonly [string, string, number, (file: string) => Promise<void>])[] = [
    ['is missing', 'OWN_COPY_MISSING', 2000, (file) => rm(file)],
    ['is shorter', 'OWN_COPY_DAMAGED', 2000, (file) => truncate(file, 10)],
    ['has other bytes of the same size', 'OWN_COPY_DAMAGED', 2000, (file) => writeFile(file, imageBytes(2000))],
    ['is large and has other bytes', 'OWN_COPY_DAMAGED', 2_000_000, (file) => writeFile(file, imageBytes(2_000_000))],
  ];

  it.each(harms)('%s is dead with %s, and goes by replay once the copy is good again', async (_, code, size, harm) => {
    const bytes = imageBytes(size);
    const [s1, s2] = await parkedImage(bytes);
    await harm(s1.fileOf(generatedPath(1)));
    await s1.replicator.replay({});
    await eventually('dead', async () => (await s1.ledger())[0]?.state === 'dead');
    expect(await s1.ledger()).toMatchObject([{ attempts: 0, cause: { code } }]);
    expect(await s2.read(generatedPath(1))).toBeUndefined();
    expect(await s2.leftovers()).toEqual([]);
    await writeFile(s1.fileOf(generatedPath(1)), bytes);
    await s1.replicator.replay({});
    await eventually('empty ledger', async () => (await s1.ledger()).length === 0);
    expect((await s2.read(generatedPath(1)))?.equals(bytes)).toBe(true);
  });

  it('is good while the bytes suffer on the way is tried again', async () => {
    const [s1, s2] = await parkedImage(imageBytes());
    const real = s2.store.stageWhole.bind(s2.store);
    let isHarmed = true;
    s2.store.stageWhole = async (bytes) => {
      const staged = await real(bytes);
      if (!isHarmed) return staged;
      isHarmed = false;
      return { ...staged, sha256: '0'.repeat(64) };
    };
    await s1.replicator.replay({});
    await eventually('failed', async () => (await s1.ledger())[0]?.state === 'failed');
    expect(await s1.ledger()).toMatchObject([{ attempts: 1, cause: { code: 'DIGEST_MISMATCH' } }]);
    await s1.replicator.replay({});
    await eventually('empty ledger', async () => (await s1.ledger()).length === 0);
  });
});

describe('replay', () => {
  it('announces the end of what it let go also when the peer goes down again, so that nobody waits in vain', async () => {
    const [s1, s2] = await parkedImage(imageBytes());
    await s1.accept(generatedPath(2), imageBytes(2_000_000));
    const ends: string[] = [];
    s1.replicator.onSettled((settled) => ends.push(...settled.map(({ id, state }) => `${String(id)} ${state}`)));
    s2.intercept = (request) => {
      if (request.url !== '/peer/v1/batch') return false;
      void s2.unplug();
      return true;
    };
    const { ids } = await s1.replicator.replay({});
    expect(ids.length).toBeGreaterThan(0);
    await eventually('all ends', () => ids.every((id) => ends.includes(`${String(id)} parked`)));
  });

  it('touches only what matches, and probes nobody when nothing does', async () => {
    const [s1, s2] = await parkedImage(imageBytes());
    const before = s2.requests.length;
    expect(await s1.replicator.replay({ cause: 'OWN_COPY_MISSING' })).toEqual({ ids: [], unreachable: [] });
    expect(await s1.replicator.replay({ server: 's9' })).toEqual({ ids: [], unreachable: [] });
    expect(s2.requests).toHaveLength(before);
    const { ids } = await s1.replicator.replay({ cause: 'PEER_DISK_FULL', server: 's2' });
    expect(ids).toHaveLength(1);
  });
});

describe('asking a peer', () => {
  it('answers from its own handlers, in its own scope, and brings its errors over', async () => {
    const inputs: unknown[] = [];
    const s2 = await TestServer.start({
      name: 's2',
      handlers: {
        listServers: async (input) => {
          inputs.push(input);
          return { servers: [], silent: [] };
        },
        getImage: () => Promise.reject(new FleetError('IMAGE_NOT_FOUND', 'no such image')),
        listImages: () => Promise.reject(new Error('a defect')),
      },
    });
    const s1 = await TestServer.start({ name: 's1' });
    servers = [s1, s2];
    await s2.openCatalog([]);
    const replicator = await s1.replicateTo(s2);
    const signal = AbortSignal.timeout(5000);
    expect(await replicator.ask('s2', 'listServers', { scope: 'fleet' }, signal)).toEqual({ servers: [], silent: [] });
    expect(inputs).toEqual([{ scope: 'server' }]);
    await expect(replicator.ask('s2', 'getImage', { path: 'a.png' }, signal)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
    });
    await expect(replicator.ask('s2', 'listImages', { limit: 1 }, signal)).rejects.toMatchObject({
      code: 'PEER_FAILED',
    });
    await expect(replicator.ask('s9', 'getImage', { path: 'a.png' }, signal)).rejects.toMatchObject({
      code: 'SERVER_UNKNOWN',
    });
    await s2.unplug();
    await expect(replicator.ask('s2', 'getImage', { path: 'a.png' }, signal)).rejects.toMatchObject({
      code: 'PEER_UNREACHABLE',
    });
  });
});
