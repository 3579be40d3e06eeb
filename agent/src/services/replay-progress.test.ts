import { beforeEach, describe, expect, it } from 'vitest';
import type { SettledDelivery } from '#replication/replication.ts';
import { ReplayProgress, type ReplayCounts } from './replay-progress.ts';
import { FakeReplication } from './testing/fake-replication.ts';

describe('the progress of a replay', () => {
  let replication: FakeReplication;
  let progress: ReplayProgress;
  let told: ReplayCounts[];

  beforeEach(() => {
    replication = new FakeReplication(['s2']);
    told = [];
    let count = 0;
    const uuid = (): string => `replay-${String((count += 1))}`;
    progress = new ReplayProgress({ replication, uuid, publish: (counts) => told.push(counts) });
  });

  const settle = (id: number, state: 'delivered' | 'failed' | 'parked' | 'dead' | 'pending'): SettledDelivery => {
    return { id, path: 'a.png', version: '', server: 's2', state, cause: null };
  };
  const counts = (): string[] =>
    told.map(({ total, delivered, failed }) => [total, delivered, failed].map(String).join(' '));

  it('is told from its start until everything has ended, one way or the other', async () => {
    replication.replayOutcome = { ids: [1, 2, 3, 4], unreachable: ['s3'] };
    expect(await progress.replay({})).toEqual(replication.replayOutcome);
    replication.announce([settle(1, 'delivered'), settle(2, 'failed'), settle(9, 'delivered')]);
    replication.announce([settle(9, 'delivered'), settle(1, 'delivered'), settle(3, 'pending')]);
    replication.announce([settle(3, 'parked')]);
    replication.announce([settle(4, 'dead')]);
    replication.announce([settle(4, 'delivered')]);
    expect(counts()).toEqual(['4 0 0', '4 1 1', '4 1 2', '4 1 3']);
    expect(new Set(told.map(({ id }) => id))).toEqual(new Set(['replay-1']));
    expect(replication.listenerCount).toBe(0);
  });

  it('counts what ended before the replay answered, and leaves out what was replaced', async () => {
    replication.replayOutcome = { ids: [1, 2], unreachable: [] };
    replication.onReplay = () => {
      replication.announce([settle(1, 'delivered'), settle(7, 'failed')]);
    };
    await progress.replay({});
    replication.announce([{ id: 2, server: 's2', state: 'superseded' }]);
    expect(counts()).toEqual(['2 1 0', '1 1 0']);
    expect(replication.listenerCount).toBe(0);
  });

  it('is nothing to tell when nothing goes out, and ends with a replay that fails', async () => {
    await progress.replay({});
    replication.replay = () => Promise.reject(new Error('no catalog'));
    await expect(progress.replay({})).rejects.toThrow('no catalog');
    expect([told, replication.listenerCount]).toEqual([[], 0]);
  });

  it('of several at once each tells of its own, and none after the stop', async () => {
    replication.replayOutcome = { ids: [1], unreachable: [] };
    await progress.replay({});
    replication.replayOutcome = { ids: [2], unreachable: [] };
    await progress.replay({});
    replication.announce([settle(2, 'delivered')]);
    expect(told.map(({ id, delivered }) => `${id} ${String(delivered)}`)).toEqual([
      'replay-1 0',
      'replay-2 0',
      'replay-2 1',
    ]);
    progress.stop();
    replication.announce([settle(1, 'delivered')]);
    expect([told.length, replication.listenerCount]).toEqual([3, 0]);
  });
});
