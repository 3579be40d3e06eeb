import { expect, it } from 'vitest';
import type { Delivery, DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Catalog, DeliveryUpdate } from '#store/catalog.ts';
import {
  aWrite,
  DOWN,
  hashOf,
  ledgerOf,
  NOW,
  queueImages,
  REFUSED,
  startedCatalog,
  versionAt,
  type CatalogFactory,
} from './catalog-builders.ts';

const TO_S2 = [{ server: 's2', parkedBy: null }];
const GONE: DeliveryCause = { code: 'OWN_COPY_MISSING', message: 'the file is gone' };

async function oneRow(catalog: Catalog): Promise<Delivery> {
  const [row] = await queueImages(catalog, 1, TO_S2);
  if (row === undefined) throw new Error('no row');
  return row;
}

function failed(attempts: number, cause = REFUSED): DeliveryUpdate['to'] {
  return { state: 'failed', attempts, nextAttemptAt: NOW + 1000 * attempts, cause };
}

export function deliveryContract(make: CatalogFactory): void {
  it('removes what was delivered', async () => {
    const catalog = await startedCatalog(make);
    const { id, version } = await oneRow(catalog);
    expect(await catalog.settle([{ id, version, to: { state: 'delivered' } }], NOW)).toEqual([]);
    expect(await ledgerOf(catalog)).toEqual([]);
  });

  it('notes the first failure and every new cause, but not the same one again', async () => {
    const catalog = await startedCatalog(make);
    const { id, version, path, server } = await oneRow(catalog);
    const steps: readonly (readonly [DeliveryUpdate['to'], DeliveryCause | null])[] = [
      [failed(1), REFUSED],
      [failed(2), null],
      [{ state: 'parked', attempts: 2, cause: REFUSED }, null],
      [{ state: 'parked', attempts: 2, cause: DOWN }, DOWN],
      [{ state: 'pending' }, null],
      [failed(3, DOWN), null],
      [failed(4, { ...DOWN, message: 'still down' }), { ...DOWN, message: 'still down' }],
      [{ state: 'dead', attempts: 4, cause: GONE }, GONE],
    ];
    for (const [index, [to, noted]] of steps.entries()) {
      const at = NOW + index;
      const notes = await catalog.settle([{ id, version, to }], at);
      expect(notes).toEqual(noted === null ? [] : [{ at, path, server, cause: noted }]);
    }
    expect(await ledgerOf(catalog)).toMatchObject([{ state: 'dead', attempts: 4, cause: GONE, firstFailedAt: NOW }]);
  });

  it('keeps what it was told about a failure', async () => {
    const catalog = await startedCatalog(make);
    const row = await oneRow(catalog);
    await catalog.settle([{ id: row.id, version: row.version, to: failed(1) }], NOW + 5);
    const after = {
      ...row,
      state: 'failed',
      attempts: 1,
      nextAttemptAt: NOW + 1000,
      cause: REFUSED,
      firstFailedAt: NOW + 5,
    };
    expect(await ledgerOf(catalog)).toEqual([after]);
    await catalog.settle([{ id: row.id, version: row.version, to: { state: 'pending' } }], NOW + 6);
    expect(await ledgerOf(catalog)).toEqual([{ ...after, state: 'pending', nextAttemptAt: null, cause: null }]);
  });

  it.each<DeliveryUpdate['to']>([
    { state: 'delivered' },
    { state: 'pending' },
    failed(1),
    { state: 'parked', attempts: 0, cause: DOWN },
    { state: 'dead', attempts: 1, cause: GONE },
  ])('leaves a row alone when the outcome is of another version: $state', async (to) => {
    const catalog = await startedCatalog(make);
    const row = await oneRow(catalog);
    expect(await catalog.settle([{ id: row.id, version: versionAt(-5), to }], NOW)).toEqual([]);
    expect(await catalog.settle([{ id: row.id + 1, version: row.version, to }], NOW)).toEqual([]);
    expect(await ledgerOf(catalog)).toEqual([row]);
  });

  it('has no use for the outcome of a push that a newer version overtook', async () => {
    const catalog = await startedCatalog(make);
    const old = await oneRow(catalog);
    await catalog.write([aWrite(old.path, { mode: 'overwrite', sha256: hashOf(9), targets: TO_S2 })], NOW + 1);
    await catalog.settle([{ id: old.id, version: old.version, to: { state: 'delivered' } }], NOW + 2);
    const after = await ledgerOf(catalog);
    expect(after).toHaveLength(1);
    expect(after[0]?.id).toBeGreaterThan(old.id);
  });
}
