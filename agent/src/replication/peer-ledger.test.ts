import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import type { Delivery } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { DeliveryListQuery, DueDelivery } from '#store/catalog.ts';
import { PeerLedger } from './peer-ledger.ts';

const ROW: Delivery = {
  ...{ id: 1, path: 'a.png', version: 'v1', server: 's2', state: 'pending', attempts: 0, sizeBytes: 1 },
  ...{ nextAttemptAt: null, cause: null, firstFailedAt: null, queuedAt: 0 },
};

describe('what replication says of replayed deliveries', () => {
  let rows: Delivery[];
  let held: Set<number>;
  let told: string[];
  let ledger: PeerLedger;

  beforeEach(async () => {
    rows = [];
    held = new Set();
    told = [];
    ledger = new PeerLedger({
      ...{ server: 's2', logger: silentLogger, note: () => undefined, isHeld: (id) => held.has(id) },
      catalog: {
        settle: () => Promise.resolve([]),
        park: () => Promise.resolve([]),
        requeue: () => Promise.resolve([1, 2, 3]),
        listDeliveries: ({ ids }: DeliveryListQuery) => Promise.resolve(rows.filter(({ id }) => ids?.includes(id))),
      },
      policy: () => ({ nowMs: 0, autoRetry: true, backoff: { firstMs: 1, capMs: 1 }, random: () => 0 }),
      announce: (settled) => told.push(...settled.map(({ id, state }) => `${String(id)} ${state}`)),
    });
    await ledger.replay({});
  });

  it('tells of one that a push found replaced by a newer version', async () => {
    const delivery: DueDelivery = { ...ROW, record: null };
    await ledger.settle([{ delivery, event: { kind: 'superseded' } }]);
    expect(told).toEqual(['1 superseded']);
  });

  it('tells of those that ended without a push, once, and of no other', async () => {
    rows = [ROW, { ...ROW, id: 2, state: 'parked' }];
    held.add(3);
    await ledger.announceEnded();
    expect(told).toEqual(['2 parked']);
    held.clear();
    await ledger.announceEnded();
    await ledger.announceEnded();
    expect(told).toEqual(['2 parked', '3 superseded']);
  });

  it('leaves one to the push that took it while the ledger was asked', async () => {
    rows = [ROW, { ...ROW, id: 2 }];
    const asked = ledger.announceEnded();
    held.add(3);
    await asked;
    expect(told).toEqual([]);
  });
});
