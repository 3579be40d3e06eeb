import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { inParallel } from '../repair/in-parallel.ts';
import { generatedPath, imageBytes, sha256Of, TestServer } from '../testing/test-server.ts';
import { PeerClient } from '../peer-client.ts';
import { RepairPeer } from '../repair/repair-peer.ts';
import { bytesOf, failuresOf, seed, type SeedEnd, type SeedProgress } from './seed.ts';
import { bury, plant, takingDeps } from './testing/reseed-builders.ts';

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

describe('taking everything that the peers have', () => {
  let s1: TestServer;
  let s2: TestServer;
  let s3: TestServer;
  let clients: readonly PeerClient[];

  beforeEach(async () => {
    s1 = await TestServer.start({ name: 's1' });
    s2 = await TestServer.start({ name: 's2' });
    s3 = await TestServer.start({ name: 's3' });
    await Promise.all([s1, s2, s3].map((server) => server.openCatalog([])));
    const self = (): { id: string; name: string } => ({ id: s1.catalog.serverId, name: 's1' });
    clients = [s2, s3].map(
      ({ name, url, key }) =>
        new PeerClient({ peer: { name, url, securityKey: key }, self, now: s1.now, stallMs: 5000 }),
    );
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    await Promise.all([s1, s2, s3].map((server) => server.stop()));
  });

  const run = async (): Promise<SeedProgress & SeedEnd> => {
    const peers = clients.map((client, index) => new RepairPeer(['s2', 's3'][index] ?? '', client));
    const progress: SeedProgress = { comparisons: [] };
    const view = { untilMs: null, tombstonesFromMs: 0 };
    const end = await seed(peers, { ...takingDeps(s1), view }, progress, AbortSignal.timeout(25_000));
    return { ...progress, ...end };
  };
  const fetchesFrom = (server: TestServer): number => server.requests.filter((url) => url === '/peer/v1/fetch').length;

  it('brings each image once, from several peers at the same time', async () => {
    const hashes = new Map<string, string>();
    const indexes = Array.from({ length: 200 }, (_, index) => index);
    await inParallel(indexes, 16, async (index) => {
      const bytes = imageBytes(1000);
      const path = index % 40 === 0 ? `named/${String(index)}.png` : generatedPath(index);
      hashes.set(path, sha256Of(bytes));
      await Promise.all([s2, s3].map((server) => plant(server, { path, bytes })));
    });
    const progress = await run();
    expect(bytesOf(progress)).toBe(200_000);
    expect(failuresOf(progress)).toEqual({ count: 0, absent: 0, listed: [] });
    for (const [path, hash] of hashes) expect(sha256Of((await s1.read(path)) ?? Buffer.of())).toBe(hash);
    for (const peer of [s2, s3]) expect(fetchesFrom(peer)).toBeGreaterThan(0);
    // A share and the whole each; about half of the images came from either.
    const pulled = progress.comparisons.map((comparison) => comparison.pulled);
    expect(pulled.slice(2)).toEqual([0, 0]);
    for (const count of pulled.slice(0, 2)) expect(count).toBeGreaterThan(50);
  });

  it('brings what only one of them has, and tombstones too', async () => {
    await plant(s2, { path: generatedPath(1) });
    await plant(s3, { path: generatedPath(2) });
    await plant(s2, { path: 'a.png', at: 1 });
    await bury(s3, 'a.png', 2);
    await run();
    expect(await s1.catalog.countImages()).toBe(2);
    expect(await s1.catalog.find('a.png')).toMatchObject({ kind: 'tombstone' });
  });

  it.each([
    ['hangs', () => undefined],
    ['answers rubbish', (response: ServerResponse) => response.end('please log in')],
    ['breaks every connection', (response: ServerResponse) => response.destroy()],
  ])('takes all that the others have, the share of a peer that %s too', async (_how, spoil) => {
    for (let index = 0; index < 40; index += 1) {
      const bytes = imageBytes(1000);
      await Promise.all([s2, s3].map((server) => plant(server, { path: generatedPath(index), bytes })));
    }
    await plant(s3, { path: 'only/here.png' });
    // The first one in the list, whose turn comes first in each part of the work.
    s2.intercept = (request, response) => {
      if (request.url !== '/peer/v1/fetch' && request.url !== '/peer/v1/repair/buckets') return false;
      spoil(response);
      return true;
    };
    const { compared, failed } = await run();
    expect([compared, [...failed.keys()]]).toEqual([['s3'], ['s2']]);
    expect(await s1.catalog.countImages()).toBe(41);
  });

  it('asks nobody for more when the own disk is full', async () => {
    for (const server of [s2, s3]) await plant(server, { path: generatedPath(1) });
    s1.store.stageWhole = () => Promise.reject(new FleetError('DISK_FULL', 'no room'));
    await expect(run()).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(fetchesFrom(s2) + fetchesFrom(s3)).toBe(1);
  });

  it('goes on where it was cut', async () => {
    for (let index = 0; index < 60; index += 1)
      await plant(s2, { path: generatedPath(index), bytes: imageBytes(1000) });
    s2.intercept = (request, response) => {
      if (request.url !== '/peer/v1/fetch' || fetchesFrom(s2) <= 1) return false;
      response.destroy();
      return true;
    };
    await plant(s2, { path: '2026/1/1/0d9c5f0e-5f57-4f6e-9a53-000000000001.png', bytes: imageBytes(1000) });
    const cut = await run();
    expect([cut.compared, cut.failed.get('s2')]).toMatchObject([['s3'], { code: 'PEER_UNREACHABLE' }]);
    const before = await s1.catalog.countImages();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(61);
    s2.intercept = () => false;
    expect(bytesOf(await run())).toBe((61 - before) * 1000);
    expect(await s1.catalog.countImages()).toBe(61);
  });
});
