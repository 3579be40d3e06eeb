import { beforeEach, describe, expect, it } from 'vitest';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { AckWatch, parseAck } from './await-ack.ts';
import { ReplicaView } from './replica-view.ts';
import { FakeReplication } from './testing/fake-replication.ts';
import { MemoryCatalog } from './testing/memory-catalog.ts';

const NEVER = new AbortController().signal;

describe('acknowledgements', () => {
  let replication: FakeReplication;
  let catalog: MemoryCatalog;
  let watch: AckWatch;
  const versions = new Map<string, string>();

  beforeEach(() => {
    replication = new FakeReplication(['s2', 's3']);
    catalog = new MemoryCatalog();
    const view = new ReplicaView({ catalog, replication, name: 's1', publicUrl: 'http://i-1.example.com' });
    watch = new AckWatch({ replication, replicasOf: (record) => view.replicasOf(record) });
  });

  const store = async (path: string): Promise<PresentRecord> => {
    const image = {
      path,
      sha256: '',
      sizeBytes: 1,
      mediaType: 'image/png',
      originalName: '',
      mode: 'create',
      stagingName: null,
    } as const;
    const { outcomes } = await catalog.write([{ ...image, targets: replication.targets() }], 1);
    const [outcome] = outcomes;
    if (outcome === undefined || !('record' in outcome)) throw new Error('not stored');
    versions.set(path, outcome.record.version);
    return outcome.record;
  };
  const deliver = (path: string, server: string, version = versions.get(path) ?? 'not stored yet'): void => {
    replication.announce([{ id: 1, path, version, server, state: 'delivered', cause: null }]);
  };

  it('is not reached by a copy of an older version', async () => {
    const record = await store('a.png');
    deliver('a.png', 's2', '000000000000-0000-old');
    expect(await watch.reached([record], { servers: 2, waitMs: 0 }, NEVER)).toBe(false);
  });

  it('is reached at once where only this server counts', async () => {
    expect(await watch.reached([await store('a.png')], { servers: 1, waitMs: 0 }, NEVER)).toBe(true);
  });

  it('is reached by a copy that arrived before the commit was answered', async () => {
    const record = await store('a.png');
    deliver('a.png', 's3');
    expect(await watch.reached([record], { servers: 2, waitMs: 0 }, NEVER)).toBe(true);
  });

  it('is reached by the last of more copies than it remembers before it knows what to wait for', async () => {
    for (let index = 0; index < 50_001; index += 1) deliver(`other-${String(index)}.png`, 's2', 'v');
    const record = await store('a.png');
    const reached = watch.reached([record], { servers: 2, waitMs: 5000 }, NEVER);
    deliver('a.png', 's2');
    expect(await reached).toBe(true);
  });

  it('is reached only when every image has its copies', async () => {
    const records = [await store('a.png'), await store('b.png')];
    const reached = watch.reached(records, { servers: 3, waitMs: 5000 }, NEVER);
    for (const [path, server] of [
      ['a.png', 's2'],
      ['a.png', 's3'],
      ['b.png', 's2'],
      ['b.png', 's2'],
    ] as const)
      deliver(path, server);
    expect(await Promise.race([reached, new Promise((resolve) => setTimeout(resolve, 5, 'still waiting'))])).toBe(
      'still waiting',
    );
    deliver('b.png', 's3');
    expect(await reached).toBe(true);
  });

  it('is not reached when the time is over or the client goes', async () => {
    const record = await store('a.png');
    expect(await watch.reached([record], { servers: 2, waitMs: 2 }, NEVER)).toBe(false);
    expect(await watch.reached([record], { servers: 2, waitMs: 60_000 }, AbortSignal.abort())).toBe(false);
  });

  it('hears nothing any more when it is closed', () => {
    watch.close();
    expect(replication.listenerCount).toBe(0);
  });

  it.each([
    [{}, { servers: 1, waitMs: 30_000 }],
    [
      { ack: 'local', wait: '1s' },
      { servers: 1, waitMs: 1000 },
    ],
    [{ ack: 'all' }, { servers: 3, waitMs: 30_000 }],
    [
      { ack: '2', wait: '5m' },
      { servers: 2, waitMs: 300_000 },
    ],
  ])('reads %o', (query, wish) => {
    expect(parseAck(query, 3)).toEqual(wish);
  });
});
