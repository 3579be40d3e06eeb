import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PeerStatus } from '../replication.ts';
import { RepairSchedule } from './repair-schedule.ts';
import type { RunRequest } from './repair.ts';

const HOUR = 3_600_000;
let runs: RunRequest[];
let change: (name: string, state: PeerStatus['state']) => void;
let schedule: RepairSchedule;

function scheduleOf(names: readonly string[], random = 0): void {
  const listeners = new Set<(peer: PeerStatus) => void>();
  const status = (name: string, state: PeerStatus['state']) => ({ name, url: `http://${name}`, state, cause: null });
  runs = [];
  change = (name, state) => {
    for (const listener of listeners) listener(status(name, state));
  };
  schedule = new RepairSchedule({
    everyMs: HOUR,
    repair: {
      start: (request) => {
        runs.push(request);
        return { report: () => Promise.reject(new Error('nobody asks')) as never, ended: Promise.resolve() };
      },
    },
    replication: {
      peers: () => names.map((name) => status(name, 'unknown')),
      onPeerChanged: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    random: () => random,
  });
  schedule.start();
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  schedule.stop();
  vi.useRealTimers();
});

it('compares with everybody every hour, a little earlier or later', () => {
  scheduleOf(['s2', 's3'], 0.999);
  vi.advanceTimersByTime(1.05 * HOUR);
  expect(runs).toEqual([]);
  vi.advanceTimersByTime(0.06 * HOUR);
  expect(runs).toEqual([{ reason: 'schedule', withCopies: false }]);
  vi.advanceTimersByTime(1.11 * HOUR);
  expect(runs).toHaveLength(2);
});

it('compares with a peer that is back, once for several that come together', () => {
  scheduleOf(['s2', 's3', 's4']);
  change('s2', 'up');
  change('s3', 'up');
  vi.advanceTimersByTime(3000);
  expect(runs).toEqual([{ reason: 'return', servers: ['s2', 's3'], withCopies: false }]);
  change('s2', 'up');
  vi.advanceTimersByTime(3000);
  expect(runs).toHaveLength(1);
});

it('compares with those that are left when one has gone', () => {
  scheduleOf(['s2', 's3', 's4']);
  for (const name of ['s2', 's3']) change(name, 'up');
  vi.advanceTimersByTime(3000);
  change('s2', 'down');
  vi.advanceTimersByTime(3000);
  expect(runs[1]).toEqual({ reason: 'fall', servers: ['s3'], withCopies: false });
});

it('does not ask one that has gone again before its turn', () => {
  scheduleOf(['s2']);
  change('s2', 'up');
  change('s2', 'down');
  vi.advanceTimersByTime(3000);
  expect(runs).toEqual([]);
});

it('begins nothing after its end, and nothing alone', () => {
  scheduleOf(['s2']);
  change('s2', 'up');
  schedule.stop();
  vi.advanceTimersByTime(3 * HOUR);
  scheduleOf([]);
  vi.advanceTimersByTime(3 * HOUR);
  expect(runs).toEqual([]);
});
