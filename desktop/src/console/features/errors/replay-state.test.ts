import { describe, expect, it } from 'vitest';
import { furthest, replayProgress, toldOf, type ReplayBegun } from './replay-state.ts';
import { aGroup } from './testing/a-group.ts';

const BEGUN: ReplayBegun = { target: { server: 's3' }, requeued: 100, unreachable: [], silent: [], at: 5000 };

describe('how far a replay is', () => {
  it('is what no longer goes out, whichever server sends it', () => {
    const groups = [
      aGroup({ source: 's1', state: 'pending', count: 30 }),
      aGroup({ source: 's2', state: 'inflight', count: 10 }),
      aGroup({ server: 's2', state: 'pending', count: 500 }),
    ];
    expect(replayProgress(BEGUN, groups, undefined)).toEqual({ total: 100, done: 60, failed: 0, isOver: false });
  });

  it('is over when nothing goes out any more, and tells what is stuck again', () => {
    const groups = [aGroup({ state: 'failed', count: 3 }), aGroup({ state: 'parked', count: 4 })];
    expect(replayProgress(BEGUN, groups, undefined)).toEqual({ total: 100, done: 100, failed: 7, isOver: true });
  });

  it('does not wait for what was uploaded since', () => {
    const groups = [
      aGroup({ source: 's2', state: 'pending', count: 10, oldestQueuedAt: 4000 }),
      aGroup({ source: 's1', state: 'pending', code: null, count: 700, oldestQueuedAt: 5001 }),
    ];
    expect(replayProgress(BEGUN, groups, undefined)).toMatchObject({ done: 90, isOver: false });
    expect(replayProgress(BEGUN, groups.slice(1), undefined)).toMatchObject({ done: 100, isOver: true });
  });

  it('does not call failed what could not even begin', () => {
    const begun = { ...BEGUN, target: {}, requeued: 0, unreachable: ['s3'] };
    expect(replayProgress(begun, [aGroup({ count: 40 })], undefined)).toEqual({
      total: 0,
      done: 0,
      failed: 0,
      isOver: true,
    });
  });

  it('goes by what the server tells when that is all of it', () => {
    const groups = [aGroup({ state: 'pending', count: 90 })];
    const told = { id: 'r', total: 100, delivered: 50, failed: 2 };
    expect(replayProgress(BEGUN, groups, told)).toEqual({ total: 100, done: 52, failed: 2, isOver: false });
    expect(replayProgress(BEGUN, groups, { ...told, total: 60 }).done).toBe(10);
  });

  it('tells copies without a cause from those of their server that have one', () => {
    const begun = { ...BEGUN, target: { server: 's3', cause: 'none' } as const };
    const groups = [aGroup({ state: 'pending', count: 30 }), aGroup({ state: 'pending', code: null, count: 20 })];
    expect(replayProgress(begun, groups, undefined)).toMatchObject({ done: 80, isOver: false });
  });

  it('looks at one cause only when only that is replayed', () => {
    const begun = { ...BEGUN, target: { server: 's3', cause: 'PEER_TIMEOUT' } as const };
    const groups = [
      aGroup({ state: 'pending', count: 50 }),
      aGroup({ state: 'pending', code: 'PEER_TIMEOUT', count: 5 }),
      aGroup({ state: 'pending', code: null, count: 3 }),
    ];
    expect(replayProgress(begun, groups, undefined).done).toBe(92);
  });

  it('never goes back', () => {
    const before = { total: 100, done: 60, failed: 0, isOver: false };
    expect(furthest(before, { ...before, done: 40 })).toBe(before);
    expect(furthest(before, { ...before, done: 70 }).done).toBe(70);
    expect(furthest(undefined, before)).toBe(before);
  });

  it('reads the events that tell of a replay, and no others', () => {
    const data = { kind: 'replay', id: 'r', total: 3, delivered: 1, failed: 0 };
    expect(toldOf(data)).toEqual({ id: 'r', total: 3, delivered: 1, failed: 0 });
    expect(toldOf({ ...data, kind: 'reseed' })).toBeUndefined();
    expect(toldOf({ ...data, total: '3' })).toBeUndefined();
  });
});
