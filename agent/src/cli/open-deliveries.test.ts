import { describe, expect, it } from 'vitest';
import type { OperatorCall, OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { DeliveryEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { openCounter } from './open-deliveries.ts';

type Page = OperatorOutput<'listDeliveries'>;

function row(id: number, source: string): DeliveryEntry {
  const fields = {
    path: 'a.jpg',
    server: 's3',
    state: 'parked',
    attempts: 0,
    nextAttemptAt: null,
    cause: null,
  } as const;
  return { ...fields, id, source, sizeBytes: 1, firstFailedAt: 0 };
}

function page(...deliveries: DeliveryEntry[]): Page {
  return { deliveries, next: null, silent: [] };
}

/** Answers one page after the other, and keeps what was asked. */
function clientOf(...pages: Page[]) {
  const asked: OperatorCall<'listDeliveries'>[] = [];
  const client = {
    listDeliveries: (query: OperatorCall<'listDeliveries'>) => {
      asked.push(query);
      return Promise.resolve(pages.shift() ?? page());
    },
    summarizeDeliveries: () => {
      const group = { source: 's1', state: 'pending', code: null, message: null, bytes: 1, oldestQueuedAt: 0 } as const;
      const groups = [
        { ...group, server: 's2', count: 5, autoRetry: true },
        { ...group, server: 's3', count: 7, autoRetry: true },
      ];
      return Promise.resolve({ groups, total: 12, silent: [] });
    },
  };
  return { client, asked };
}

describe('what is left of a replay', () => {
  it('is everything that is open, or that is open to one server', async () => {
    const { client } = clientOf();
    expect(await (await openCounter(client, { scope: 'fleet', all: true }))()).toBe(12);
    expect(await (await openCounter(client, { scope: 'fleet', server: 's3' }))()).toBe(7);
  });

  it('of one cause is what had it before, whatever else is open and whatever it fails for now', async () => {
    const { client, asked } = clientOf(
      { ...page(row(1, 's1')), next: 'c1' },
      page(row(7, 's2')),
      // The same ids on other servers are other deliveries.
      page(row(1, 's1'), row(1, 's2'), row(7, 's2'), row(7, 's3')),
      page(row(1, 's2'), row(7, 's2')),
      page(),
    );
    const count = await openCounter(client, { scope: 'fleet', server: 's3', cause: 'PEER_TIMEOUT' });
    expect([await count(), await count(), await count(), await count()]).toEqual([2, 1, 0, 0]);
    const filter = { scope: 'fleet', server: 's3', limit: 1000 };
    expect(asked).toEqual([
      { ...filter, cause: 'PEER_TIMEOUT' },
      { ...filter, cause: 'PEER_TIMEOUT', cursor: 'c1' },
      { ...filter, ids: [1, 7] },
      { ...filter, ids: [1, 7] },
      { ...filter, ids: [7] },
    ]);
  });

  it('of some ids is those of them that are open, asked for a few hundred at a time', async () => {
    const ids = Array.from({ length: 501 }, (_, index) => index);
    const { client, asked } = clientOf(page(row(3, 's1')), page(row(500, 's1')), page(row(500, 's1')));
    const count = await openCounter(client, { scope: 'server', ids });
    expect(await count()).toBe(1);
    expect(asked.map((query) => query.ids?.length)).toEqual([500, 1, 2]);
  });
});
