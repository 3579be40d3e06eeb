import { describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import type { OperatorHandlers, OperatorMethodName } from '@imagefleet/shared/common/operator/operator-api.ts';
import { aWatchedState, FakeMonitorView } from '#monitor/testing/fake-monitor-view.ts';
import { createOperatorHandlers } from './operator-handlers.ts';
import { ReplicaView } from './replica-view.ts';
import { FakeRepair } from './testing/fake-repair.ts';
import { FakeReplication } from './testing/fake-replication.ts';
import { MemoryCatalog } from './testing/memory-catalog.ts';
import { WatchedStore } from './testing/watched-store.ts';

interface Server {
  readonly handlers: OperatorHandlers;
  readonly catalog: MemoryCatalog;
  readonly replication: FakeReplication;
  readonly monitor: FakeMonitorView;
}

const NOW = 1_000_000_000_000;

/** Three servers whose peer protocol is a call of each other's handlers; `silent` ones never answer. */
function fleet(silent: readonly string[] = []): ReadonlyMap<string, Server> {
  const names = ['s1', 's2', 's3'];
  const servers = new Map<string, Server>();
  for (const name of names) {
    const catalog = new MemoryCatalog();
    const replication = new FakeReplication(names.filter((other) => other !== name));
    const store = new WatchedStore('/nowhere');
    store.freeBytes = names.indexOf(name) + 1;
    const monitor = new FakeMonitorView();
    const view = new ReplicaView({ catalog, replication, name, publicUrl: 'http://i-1.example.com' });
    const handlers = createOperatorHandlers({
      ...{
        catalog,
        store,
        replication,
        repair: new FakeRepair(),
        replays: replication,
        view,
        monitor,
        logger: silentLogger,
        now: () => NOW,
        timeZone: 'UTC',
        limits: { fileSize: 1, filesPerRequest: 1, svg: false },
        name,
        url: `https://${name}.example.com`,
        autoRetry: name !== 's3',
        fleetDeadlineMs: 30,
      },
      readFailureLog: () => Promise.reject(new Error('not asked')),
    });
    replication.answer = (server, method: OperatorMethodName, input) => {
      if (silent.includes(server)) return new Promise(() => undefined);
      const handler = servers.get(server)?.handlers[method] as ((given: unknown) => Promise<unknown>) | undefined;
      return handler?.(input) ?? Promise.reject(new Error(server));
    };
    servers.set(name, { handlers, catalog, replication, monitor });
  }
  return servers;
}

async function store(server: Server, path: string, atMs: number): Promise<void> {
  const image = { path, sha256: 'a'.repeat(64), sizeBytes: 10, mediaType: 'image/png', originalName: '' };
  await server.catalog.write(
    [{ ...image, mode: 'create', stagingName: null, targets: server.replication.targets() }],
    atMs,
  );
}

function at(servers: ReadonlyMap<string, Server>, name: string): Server {
  const server = servers.get(name);
  if (server === undefined) throw new Error(name);
  return server;
}

describe("the fleet's scope", () => {
  it('takes disk and images from each server itself, and adds up what the others owe it', async () => {
    const servers = fleet();
    await store(at(servers, 's1'), 'a.png', NOW - 5000);
    await store(at(servers, 's2'), 'b.png', NOW - 9000);
    const { servers: rows, silent } = await at(servers, 's1').handlers.listServers({ scope: 'fleet' });
    expect(silent).toEqual([]);
    expect(
      rows.map(({ name, disk, images, backlog, lagSeconds, unencrypted }) => [
        name,
        disk?.freeBytes,
        images,
        backlog?.pending,
        lagSeconds,
        unencrypted,
      ]),
    ).toEqual([
      ['s1', 1, 1, 1, 9, false],
      ['s2', 2, 1, 1, 5, true],
      ['s3', 3, 0, 2, 9, true],
    ]);
  });

  it('names silent servers and leaves unknown what only they know', async () => {
    const servers = fleet(['s3']);
    await store(at(servers, 's1'), 'a.png', NOW - 5000);
    const { servers: rows, silent } = await at(servers, 's1').handlers.listServers({ scope: 'fleet' });
    expect(silent).toEqual(['s3']);
    expect(rows.map(({ name, images, backlog, lagSeconds }) => [name, images, backlog?.pending, lagSeconds])).toEqual([
      ['s1', 1, undefined, null],
      ['s2', 0, undefined, null],
      ['s3', null, 1, 5],
    ]);
  });

  it('knows no backlog of its own when nobody answers', async () => {
    const { servers: rows } = await at(fleet(['s2', 's3']), 's1').handlers.listServers({ scope: 'fleet' });
    expect(rows[0]).toMatchObject({ name: 's1', backlog: null, lagSeconds: null });
  });

  it('shows servers that are watched and no agents, of which nobody knows a backlog', async () => {
    for (const silent of [[], ['s2', 's3']]) {
      const servers = fleet(silent);
      at(servers, 's1').monitor.watched = [
        aWatchedState({ name: 's2', isAgent: true, state: 'warming', sinceAt: NOW, warmUpLeftMs: 4000 }),
        aWatchedState({
          name: 'db',
          host: '::1',
          port: 1,
          state: 'down',
          cause: { code: 'PEER_TIMEOUT', message: 'm' },
        }),
      ];
      const { servers: rows } = await at(servers, 's1').handlers.listServers({ scope: 'fleet' });
      expect(rows.map(({ name, state, isAgent }) => [name, state, isAgent])).toEqual([
        ['s1', 'up', true],
        ['s2', 'warming', true],
        ['s3', 'up', true],
        ['db', 'down', false],
      ]);
      expect(rows[1]).toMatchObject({ since: NOW, warmUpLeftMs: 4000, address: '10.0.0.9:42424' });
      expect(rows[3]).toEqual({
        ...{ name: 'db', url: 'tcp://[::1]:1', state: 'down', since: 1000, warmUpLeftMs: null, isAgent: false },
        ...{ address: '[::1]:1', lagSeconds: null, backlog: null, disk: null, images: null, unencrypted: false },
        ...{ cause: { code: 'PEER_TIMEOUT', message: 'm' }, reseed: null },
      });
    }
  });

  it('pages through the ledgers of all, each row once and with its source', async () => {
    const servers = fleet();
    for (const name of ['s1', 's2', 's3'])
      for (const path of ['a', 'b', 'c']) await store(at(servers, name), `${name}${path}.png`, NOW);
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 20; page += 1) {
      const answer = await at(servers, 's1').handlers.listDeliveries({ scope: 'fleet', limit: 4, cursor });
      seen.push(...answer.deliveries.map(({ source, server, path }) => `${source} ${server} ${path}`));
      if (answer.next === null) break;
      cursor = answer.next;
    }
    expect(seen).toHaveLength(18);
    expect(new Set(seen).size).toBe(18);
    await expect(
      at(servers, 's1').handlers.listDeliveries({ scope: 'fleet', limit: 4, cursor: 'e30x' }),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('lists the rows with some ids, each source its own', async () => {
    const servers = fleet();
    for (const path of ['a', 'b']) await store(at(servers, 's1'), `s1${path}.png`, NOW);
    await store(at(servers, 's2'), 's2a.png', NOW);
    const page = await at(servers, 's1').handlers.listDeliveries({ scope: 'fleet', limit: 100, ids: [2, 3] });
    expect(page.deliveries.map(({ source, id }) => `${source} ${String(id)}`)).toEqual(['s1 2', 's1 3', 's2 2']);
  });

  it('sums the groups of all that answer, with whether their server retries by itself', async () => {
    const servers = fleet(['s2']);
    await store(at(servers, 's1'), 'a.png', NOW);
    await store(at(servers, 's3'), 'b.png', NOW);
    const {
      groups,
      total,
      silent,
      at: told,
    } = await at(servers, 's1').handlers.summarizeDeliveries({ scope: 'fleet' });
    const rows = groups.map(({ source, server, autoRetry }) => `${source} ${server} ${String(autoRetry)}`);
    expect(told).toBe(NOW);
    expect([rows, total, silent]).toEqual([['s1 s2 true', 's1 s3 true', 's3 s1 false', 's3 s2 false'], 4, ['s2']]);
  });

  it('replays everywhere, asks no server to deliver to itself, and refuses ids', async () => {
    const servers = fleet();
    for (const [name, { replication }] of servers)
      replication.replayOutcome = { ids: [1], unreachable: name === 's1' ? [] : ['s9'] };
    const { handlers } = at(servers, 's1');
    expect(await handlers.replayDeliveries({ scope: 'fleet', all: true })).toEqual({
      requeued: 3,
      unreachable: ['s9'],
      silent: [],
    });
    expect(await handlers.replayDeliveries({ scope: 'fleet', server: 's1' })).toEqual({
      requeued: 2,
      unreachable: ['s9'],
      silent: [],
    });
    expect(await handlers.replayDeliveries({ scope: 'fleet', server: 's2' })).toEqual({
      requeued: 2,
      unreachable: ['s9'],
      silent: [],
    });
    await expect(handlers.replayDeliveries({ scope: 'fleet', ids: [1] })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  it('replays rows of one server when it is named, whoever is asked', async () => {
    const servers = fleet();
    for (const [name, { replication }] of servers)
      replication.replayOutcome = { ids: name === 's2' ? [7] : [1, 2], unreachable: [] };
    const { handlers } = at(servers, 's1');
    const replay = (source: string) => handlers.replayDeliveries({ scope: 'fleet', source, ids: [7] });
    expect(await replay('s2')).toEqual({ requeued: 1, unreachable: [], silent: [] });
    expect(await replay('s1')).toEqual({ requeued: 2, unreachable: [], silent: [] });
    await expect(replay('s9')).rejects.toMatchObject({ code: 'SERVER_UNKNOWN' });
  });

  it('replays what has no cause, on every server', async () => {
    const servers = fleet();
    await at(servers, 's1').handlers.replayDeliveries({ scope: 'fleet', server: 's3', cause: 'none' });
    for (const name of ['s1', 's2'])
      expect(at(servers, name).replication.filters).toEqual([{ ids: undefined, server: 's3', cause: 'none' }]);
  });

  it("replays nothing when the source is another server and the scope is a server's own", async () => {
    const { handlers, replication } = at(fleet(), 's1');
    const replay = (source: string) => handlers.replayDeliveries({ scope: 'server', source, ids: [7] });
    await expect(replay('s2')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'source: goes with scope=fleet; s1 has no deliveries of s2.',
      hint: expect.stringContaining('"scope": "fleet"') as string,
    });
    expect(replication.filters).toEqual([]);
    await replay('s1');
    expect(replication.filters).toEqual([{ ids: [7], server: undefined, cause: undefined }]);
  });
});
