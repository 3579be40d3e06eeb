import { expect, it } from 'vitest';
import type { DeliveryUpdate } from '#store/catalog.ts';
import {
  aWrite,
  DOWN,
  due,
  hashOf,
  ledgerOf,
  NOW,
  queueImages,
  REFUSED,
  startedCatalog,
  TO_ALL,
  type CatalogFactory,
} from './catalog-builders.ts';
import { tempFolder } from './temp-folder.ts';

const TO_S2 = [{ server: 's2', parkedBy: null }];

function failedAt(nextAttemptAt: number): DeliveryUpdate['to'] {
  return { state: 'failed', attempts: 1, nextAttemptAt, cause: REFUSED };
}

export function queueContract(make: CatalogFactory): void {
  it('hands out the rows of one server, oldest first and with their records, up to the limit', async () => {
    const catalog = await startedCatalog(make);
    await queueImages(catalog, 5);
    const rows = await due(catalog, 's3', { limit: 3 });
    expect(rows.map(({ id, server }) => [id, server])).toEqual([
      [2, 's3'],
      [4, 's3'],
      [6, 's3'],
    ]);
    for (const { path, version, record } of rows) expect(record).toMatchObject({ path, version, kind: 'present' });
    expect(await due(catalog, 's9')).toEqual([]);
  });

  it('hands out failed rows once they are due, in their place among the others', async () => {
    const catalog = await startedCatalog(make);
    const rows = await queueImages(catalog, 4, TO_S2);
    const updates = rows.slice(0, 2).map(({ id, version }) => ({ id, version, to: failedAt(NOW + 100 * id) }));
    await catalog.settle(updates, NOW);
    const ids = async (nowMs: number, withFailed = true) =>
      (await due(catalog, 's2', { nowMs, withFailed })).map(({ id }) => id);
    expect(await ids(NOW + 99)).toEqual([3, 4]);
    expect(await ids(NOW + 100)).toEqual([1, 3, 4]);
    expect(await ids(NOW + 200)).toEqual([1, 2, 3, 4]);
    expect(await ids(NOW + 200, false)).toEqual([3, 4]);
    expect(await catalog.nextDueAt('s2')).toBe(NOW + 100);
    expect(await catalog.nextDueAt('s3')).toBeUndefined();
  });

  it('bounds what it hands out by size', async () => {
    const catalog = await startedCatalog(make);
    const sizes = [10, 5000, 20, 6000];
    await catalog.write(
      sizes.map((sizeBytes, index) => aWrite(`${String(index)}.jpg`, { sizeBytes, targets: TO_S2 })),
      NOW,
    );
    const taken = async (bounds: object) => (await due(catalog, 's2', bounds)).map(({ sizeBytes }) => sizeBytes);
    expect(await taken({ upToBytes: 20 })).toEqual([10, 20]);
    expect(await taken({ overBytes: 20 })).toEqual([5000, 6000]);
    expect(await taken({ overBytes: 10, upToBytes: 5000 })).toEqual([5000, 20]);
  });

  it('parks what waits for a server and leaves the rest', async () => {
    const catalog = await startedCatalog(make);
    const rows = await queueImages(catalog, 3);
    const [first, , third] = rows.filter(({ server }) => server === 's2');
    if (first === undefined || third === undefined) throw new Error('rows are missing');
    await catalog.settle([{ id: first.id, version: first.version, to: failedAt(NOW + 5) }], NOW);
    const dead = { state: 'dead', attempts: 1, cause: { code: 'OWN_COPY_MISSING', message: 'gone' } } as const;
    await catalog.settle([{ id: third.id, version: third.version, to: dead }], NOW);
    const notes = await catalog.park('s2', DOWN, NOW + 10);
    expect(notes.map(({ at, path, server, cause }) => [at, path, server, cause])).toEqual([
      [NOW + 10, 'q/000001.jpg', 's2', DOWN],
      [NOW + 10, 'q/000000.jpg', 's2', DOWN],
    ]);
    const after = await ledgerOf(catalog);
    expect(after.filter(({ server }) => server === 's2')).toMatchObject([
      { state: 'parked', attempts: 1, nextAttemptAt: null, cause: DOWN, firstFailedAt: NOW },
      { state: 'parked', attempts: 0, nextAttemptAt: null, cause: DOWN, firstFailedAt: NOW + 10 },
      { state: 'dead' },
    ]);
    expect(after.filter(({ server }) => server === 's3').map(({ state }) => state)).toEqual([
      'pending',
      'pending',
      'pending',
    ]);
    expect(await catalog.park('s2', DOWN, NOW + 20)).toEqual([]);
  });

  it('requeues by id, server, cause and state; attempts and first failure stay', async () => {
    const catalog = await startedCatalog(make);
    await queueImages(catalog, 2);
    await catalog.park('s2', DOWN, NOW + 1);
    await catalog.park('s3', REFUSED, NOW + 1);
    expect(await catalog.requeue({ ids: [99, 1] })).toEqual([1]);
    expect(await catalog.requeue({ ids: [1] })).toEqual([]);
    expect(await catalog.requeue({ server: 's2', cause: 'PEER_UNREACHABLE' })).toEqual([]);
    expect(await catalog.requeue({ states: ['failed', 'dead'] })).toEqual([]);
    expect(await catalog.requeue({ cause: 'PEER_UNREACHABLE' })).toEqual([2, 4]);
    expect(await catalog.requeue({})).toEqual([3]);
    expect(await ledgerOf(catalog)).toMatchObject(
      [1, 2, 3, 4].map((id) => ({ id, state: 'pending', cause: null, nextAttemptAt: null, firstFailedAt: NOW + 1 })),
    );
  });

  it('does not note the same cause again when a requeued row is parked again', async () => {
    const catalog = await startedCatalog(make);
    await queueImages(catalog, 2, TO_S2);
    expect(await catalog.park('s2', DOWN, NOW)).toHaveLength(2);
    await catalog.requeue({});
    expect(await catalog.park('s2', DOWN, NOW)).toEqual([]);
    await catalog.requeue({});
    expect(await catalog.park('s2', REFUSED, NOW)).toHaveLength(2);
  });

  it('moves many rows while other writes get their turn', async () => {
    const catalog = await startedCatalog(make);
    const count = 20_000;
    await queueImages(catalog, count, TO_S2);
    let isParked = false;
    const parking = catalog.park('s2', DOWN, NOW).then((notes) => {
      isParked = true;
      return notes;
    });
    await catalog.write([aWrite('between.jpg', { sha256: hashOf(5) })], NOW);
    expect(isParked).toBe(false);
    expect(await parking).toHaveLength(count);
    const ids = await catalog.requeue({ server: 's2' });
    expect(ids).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect(await due(catalog, 's2', { limit: 2 * count })).toHaveLength(count);
  }, 30_000);

  it('groups what is open by server, state and cause', async () => {
    const catalog = await startedCatalog(make);
    await queueImages(catalog, 3);
    await catalog.write([aWrite('late.jpg', { sizeBytes: 5, targets: TO_ALL })], NOW + 7);
    await catalog.park('s2', DOWN, NOW);
    await catalog.requeue({ ids: [1] });
    expect(await catalog.summarize()).toEqual([
      { server: 's2', state: 'parked', cause: DOWN, count: 3, bytes: 2005, oldestQueuedAt: NOW },
      { server: 's2', state: 'pending', cause: null, count: 1, bytes: 1000, oldestQueuedAt: NOW },
      { server: 's3', state: 'pending', cause: null, count: 4, bytes: 3005, oldestQueuedAt: NOW },
    ]);
  });

  it('lists by page and filter', async () => {
    const catalog = await startedCatalog(make);
    await queueImages(catalog, 4);
    await catalog.park('s2', DOWN, NOW);
    await catalog.requeue({ ids: [1] });
    const ids = async (query: object) =>
      (await catalog.listDeliveries({ afterId: 0, limit: 10, ...query })).map(({ id }) => id);
    expect(await ids({ limit: 3 })).toEqual([1, 2, 3]);
    expect(await ids({ afterId: 3, limit: 3 })).toEqual([4, 5, 6]);
    expect(await ids({ server: 's2' })).toEqual([1, 3, 5, 7]);
    expect(await ids({ cause: 'PEER_DOWN' })).toEqual([3, 5, 7]);
    expect(await ids({ cause: 'none', server: 's2' })).toEqual([1]);
    expect(await ids({ cause: 'none' })).toEqual([1, 2, 4, 6, 8]);
    expect(await ids({ states: ['pending'], server: 's2' })).toEqual([1]);
    expect(await ids({ ids: [2, 5, 77] })).toEqual([2, 5]);
    expect((await catalog.deliveriesOf('q/000001.jpg')).map(({ id }) => id)).toEqual([3, 4]);
    expect(await catalog.deliveriesOf('Q/000001.jpg')).toEqual([]);
  });

  it('forgets at start what was to go to servers that are no peers any more', async () => {
    const folder = await tempFolder();
    const before = make(folder);
    await before.start(['s2', 's3']);
    await queueImages(before, 3);
    await before.stop();
    const catalog = make(folder);
    await catalog.start(['s3', 's4']);
    expect((await catalog.summarize()).map(({ server, count }) => [server, count])).toEqual([['s3', 3]]);
    await catalog.write([aWrite('new.jpg', { targets: [{ server: 's4', parkedBy: null }] })], NOW);
    expect((await due(catalog, 's4')).map(({ id }) => id)).toEqual([7]);
    await catalog.stop();
  });
}
