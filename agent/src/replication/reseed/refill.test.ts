import { rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { instantOfTrashName } from '#store/trash.ts';
import { inParallel } from '../repair/in-parallel.ts';
import { generatedPath, imageBytes, sha256Of, TestServer } from '../testing/test-server.ts';
import type { CopySource } from './copy-source.ts';
import { refill } from './refill.ts';
import { newRefillProgress, type RefillProgress } from './restore-from-many.ts';
import { plant, sourceOf, takingDeps } from './testing/reseed-builders.ts';

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

describe('bringing back the files of an image folder that was emptied', () => {
  let s1: TestServer;
  let s2: TestServer;
  let s3: TestServer;
  let sources: readonly CopySource[];
  const hashes = new Map<string, string>();

  beforeEach(async () => {
    hashes.clear();
    s1 = await TestServer.start({ name: 's1' });
    s2 = await TestServer.start({ name: 's2' });
    s3 = await TestServer.start({ name: 's3' });
    await Promise.all([s1, s2, s3].map((server) => server.openCatalog(['s2'])));
    sources = [sourceOf(s2, s1), sourceOf(s3, s1)];
  });

  afterEach(async () => {
    for (const source of sources) source.close();
    expect(await s1.leftovers()).toEqual([]);
    await Promise.all([s1, s2, s3].map((server) => server.stop()));
  });

  const everywhere = async (path: string, bytes = imageBytes(1500), servers = [s1, s2, s3]): Promise<void> => {
    hashes.set(path, sha256Of(bytes));
    await Promise.all(servers.map((server) => plant(server, { path, bytes })));
  };
  const manyEverywhere = async (count: number): Promise<void> => {
    await inParallel(
      Array.from({ length: count }, (_, index) => index),
      16,
      (index) => everywhere(generatedPath(index)),
    );
  };
  const dayOf = (month: number, index: number): string =>
    generatedPath(index).replace('2026/1/2', `2026/${String(month)}/9`);
  const run = async (from: () => readonly CopySource[] = () => sources): Promise<RefillProgress> => {
    const progress = newRefillProgress();
    const deps = { ...takingDeps(s1), sources: from, wake: () => undefined };
    await refill(deps, progress, AbortSignal.timeout(25_000)).catch((error: unknown) => {
      throw Object.assign(error as Error, { progress });
    });
    return progress;
  };
  const expectAll = async (): Promise<void> => {
    for (const [path, hash] of hashes) expect(sha256Of((await s1.read(path)) ?? Buffer.of())).toBe(hash);
  };
  const wipe = (): Promise<void> => rm(s1.fileOf('.'), { recursive: true }).then(() => s1.store.start(new Set()));

  it('leaves nothing in the tmp area when the disk has room for the bytes and none for their names', async () => {
    await manyEverywhere(5);
    await wipe();
    s1.store.publish = () => Promise.reject(new FleetError('DISK_FULL', 'no room for a folder'));
    await expect(run()).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await s1.leftovers()).toEqual([]);
  });

  it('brings every file back, the large and the named ones too, from all peers at once', async () => {
    await manyEverywhere(150);
    await everywhere('banners/首页 A.png', imageBytes(3_000_000));
    await wipe();
    const progress = await run();
    expect(progress).toMatchObject({ done: 151, failed: { count: 0 } });
    expect(progress.bytesDone).toBe(150 * 1500 + 3_000_000);
    await expectAll();
    for (const peer of [s2, s3])
      expect(peer.requests.filter((url) => url === '/peer/v1/fetch').length).toBeGreaterThan(0);
    expect(await s1.catalog.countImages()).toBe(151);
  });

  it('begins with the newest day and ends with the named images', async () => {
    const paths = [dayOf(3, 1), 'a.png', dayOf(11, 2), dayOf(9, 3)];
    for (const path of paths) await everywhere(path);
    await wipe();
    const order: string[] = [];
    const { store } = s1;
    const original = store.publish.bind(store);
    const publish = vi.spyOn(store, 'publish').mockImplementation((name, path) => {
      order.push(path);
      return original(name, path);
    });
    await run();
    publish.mockRestore();
    expect(order).toEqual([paths[2], paths[3], paths[0], paths[1]]);
  });

  it('fetches only what is missing or has another size', async () => {
    await manyEverywhere(5);
    await rm(s1.fileOf(generatedPath(1)));
    await writeFile(s1.fileOf(generatedPath(2)), 'cut');
    expect((await run()).bytesDone).toBe(2 * 1500);
    await expectAll();
    // The cut file is kept for a while, under a name by which the trash is emptied.
    const kept = await s1.trashed();
    expect(kept.map((name) => typeof instantOfTrashName(name))).toEqual(['number']);
    expect((await run()).bytesDone).toBe(0);
  });

  it('asks the next peer for what one has not got, and tells what nobody has', async () => {
    await everywhere(generatedPath(1), imageBytes(1500), [s1, s2]);
    await everywhere(generatedPath(2), imageBytes(1500), [s1, s3]);
    await everywhere(generatedPath(3), imageBytes(1500), [s1]);
    await wipe();
    const { failed, done } = await run();
    expect(failed.listed).toMatchObject([{ path: generatedPath(3), code: 'OWN_COPY_MISSING' }]);
    expect(done).toBe(2);
    // Nothing is deleted because its file is gone.
    expect(await s1.catalog.find(generatedPath(3))).toMatchObject({ kind: 'present' });
  });

  it('goes on with the others when a peer goes, and gives up when nobody is left', async () => {
    await manyEverywhere(140);
    await wipe();
    await s3.unplug();
    expect(await run()).toMatchObject({ done: 140, failed: { count: 0 }, silent: new Set(['s3']) });
    await expectAll();
    await wipe();
    await s2.unplug();
    await expect(run()).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    await expect(run(() => [])).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });

  it('lets deliveries go out that died of the missing file', async () => {
    await s1.replicateTo(s2);
    const woken = vi.fn();
    const { path, version } = await s1.accept(generatedPath(1), imageBytes(1500));
    const [row] = await s1.ledger();
    if (row === undefined) return expect.unreachable('no delivery');
    const cause = { code: 'OWN_COPY_MISSING' as const, message: 'gone' };
    await s1.catalog.settle([{ id: row.id, version, to: { state: 'dead', attempts: 1, cause } }], s1.now());
    await refill(
      { ...takingDeps(s1), sources: () => sources, wake: woken },
      newRefillProgress(),
      AbortSignal.timeout(10_000),
    );
    expect(await s1.ledger()).toMatchObject([{ path, state: 'pending' }]);
    expect(woken).toHaveBeenCalledOnce();
  });
});
