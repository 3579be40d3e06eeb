import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import { eventually, generatedPath, imageBytes, TestServer } from '#replication/testing/test-server.ts';
import { imageQueries } from './image-queries.ts';
import { ReplicaView } from './replica-view.ts';

/** A server that replicates, and tells others what it has. */
interface Holder {
  readonly server: TestServer;
  readonly view: () => ReplicaView;
}

const holders: Holder[] = [];

async function start(name: string): Promise<Holder> {
  const handlers: Partial<OperatorHandlers> = {};
  const server = await TestServer.start({ name, handlers });
  const { store, catalog } = server;
  const view = (): ReplicaView =>
    new ReplicaView({ catalog, replication: server.replicator, name, publicUrl: server.url });
  Object.assign(handlers, {
    lookupImages: (input) => {
      const limits = { fileSize: 1000, filesPerRequest: 10, svg: false };
      return imageQueries({ catalog, store, view: view(), now: Date.now, timeZone: 'UTC', limits }).lookupImages(input);
    },
  } satisfies Partial<OperatorHandlers>);
  return { server, view };
}

beforeEach(async () => {
  for (const name of ['s1', 's2', 's3']) holders.push(await start(name));
  const servers = holders.map(({ server }) => server);
  for (const server of servers) await server.replicateTo(...servers.filter((other) => other !== server));
});

afterEach(() => Promise.all(holders.splice(0).map(({ server }) => server.stop())));

it('knows every copy of bytes that stand under several paths', async () => {
  const [s1, s2, s3] = holders;
  if (s1 === undefined || s2 === undefined || s3 === undefined) throw new Error('not started');
  const bytes = imageBytes();
  const paths = [0, 1, 2].map(generatedPath);
  const records = await s1.server.acceptAll(new Map(paths.map((path) => [path, bytes])));
  await eventually('every copy has arrived', async () => (await s1.server.ledger()).length === 0);
  for (const record of records) {
    expect(await s2.view().replicasOf(record)).toEqual([
      { server: 's2', state: 'stored' },
      { server: 's1', state: 'stored' },
      { server: 's3', state: 'stored' },
    ]);
  }
});
