import { beforeEach, describe, expect, it } from 'vitest';
import type { SettledDelivery } from '#replication/replication.ts';
import { replayNow } from './replay-now.ts';
import { FakeReplication } from './testing/fake-replication.ts';
import { MemoryCatalog } from './testing/memory-catalog.ts';

const NEVER = new AbortController().signal;

describe('replay now', () => {
  let replication: FakeReplication;
  let catalog: MemoryCatalog;

  beforeEach(async () => {
    replication = new FakeReplication(['s2', 's3']);
    catalog = new MemoryCatalog();
    const image = {
      path: 'a.png',
      sha256: '',
      sizeBytes: 1,
      mediaType: 'image/png',
      originalName: '',
      mode: 'create',
      stagingName: null,
    } as const;
    await catalog.write([{ ...image, targets: replication.targets() }], 1);
  });

  const settled = (id: number, state: 'pending' | 'failed' | 'delivered'): SettledDelivery => ({
    id,
    path: 'a.png',
    version: '',
    server: 's2',
    state,
    cause: null,
  });
  const run = (maxWaitMs = 1000, signal = NEVER) => replayNow({ catalog, replication, maxWaitMs }, signal);

  it('counts what was delivered in the call, also what settled before the ids were known', async () => {
    replication.replayOutcome = { ids: [1, 2], unreachable: [] };
    replication.onReplay = () => {
      replication.announce([settled(1, 'delivered')]);
      setTimeout(() => {
        replication.announce([settled(2, 'delivered')]);
      }, 2);
    };
    expect(await run()).toMatchObject({ replayed: 2 });
    expect(replication.listenerCount).toBe(0);
  });

  it('does not count others, nor waits on for what failed again', async () => {
    replication.replayOutcome = { ids: [1], unreachable: [] };
    replication.onReplay = () => {
      setTimeout(() => {
        replication.announce([settled(7, 'delivered'), settled(1, 'pending'), settled(1, 'failed')]);
      }, 2);
    };
    expect(await run()).toEqual({ replayed: 0, remaining: 2 });
  });

  it('does not wait for what a newer version has replaced, and does not count it', async () => {
    replication.replayOutcome = { ids: [1], unreachable: [] };
    replication.onReplay = () => {
      setTimeout(() => {
        replication.announce([{ id: 1, server: 's2', state: 'superseded' }]);
      }, 2);
    };
    const startedAt = performance.now();
    expect(await run(60_000)).toEqual({ replayed: 0, remaining: 2 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('ends when its time is over, also when a probe hangs', async () => {
    replication.replay = () => new Promise(() => undefined);
    expect(await run(10)).toEqual({ replayed: 0, remaining: 2 });
  });

  it('ends when its client goes, and without anything to do at once', async () => {
    const aborter = new AbortController();
    replication.replayOutcome = { ids: [1], unreachable: [] };
    setTimeout(() => {
      aborter.abort();
    }, 2);
    expect(await run(10_000, aborter.signal)).toEqual({ replayed: 0, remaining: 2 });
    replication.replayOutcome = { ids: [], unreachable: ['s2'] };
    expect(await run(10_000)).toEqual({ replayed: 0, remaining: 2 });
  });
});
