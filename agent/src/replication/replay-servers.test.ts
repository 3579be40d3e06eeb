import { expect, it } from 'vitest';
import type { LedgerGroup } from '#store/catalog.ts';
import { serversOf } from './replay-servers.ts';

const DOWN = { code: 'PEER_DOWN', message: 'gone' } as const;

function group(server: string, state: LedgerGroup['state'], cause: LedgerGroup['cause']): LedgerGroup {
  return { server, state, cause, count: 1, bytes: 1, oldestQueuedAt: 0 };
}

const catalog = {
  summarize: () =>
    Promise.resolve([group('s2', 'parked', DOWN), group('s3', 'failed', null), group('s4', 'pending', null)]),
  listDeliveries: () => Promise.reject(new Error('not asked')),
};

it.each([
  [{}, ['s2', 's3']],
  [{ cause: 'PEER_DOWN' }, ['s2']],
  [{ cause: 'none' }, ['s3']],
  [{ cause: 'none', server: 's2' }, []],
] as const)('probes only servers that have deliveries of a replay of %j', async (filter, servers) => {
  expect(await serversOf(filter, catalog)).toEqual(servers);
});
