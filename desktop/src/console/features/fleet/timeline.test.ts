import { describe, expect, it } from 'vitest';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { HistoryTransition, LatencyPoint } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { blocksOf } from './timeline.ts';

type Change = readonly [at: number, from: ServerState, to: ServerState, lastedMs: number];

const transition = ([at, from, to, lastedMs]: Change): HistoryTransition => {
  return { at, from, to, lastedMs, cause: null, isConfirmed: true };
};
const probed = (at: number): LatencyPoint => {
  return { at, count: 5, failures: 0, minMs: 1, meanMs: 1, p50Ms: 1, p99Ms: 1, maxMs: 1 };
};

/** `up 0-100` and so on, from 0 to 1000. */
function blocks(
  changes: readonly Change[],
  current: { state: ServerState; since: number | null },
  probes: readonly number[] = [],
) {
  const history = { from: 0, to: 1000, transitions: changes.map(transition), latency: probes.map(probed) };
  return blocksOf(history, current).map(({ state, from, to }) => `${state} ${String(from)}-${String(to)}`);
}

describe('the states of a day', () => {
  it('is one block when nothing changed', () => {
    expect(blocks([], { state: 'up', since: -500 })).toEqual(['up 0-1000']);
  });

  it('is unknown before it was known', () => {
    expect(blocks([], { state: 'up', since: 300 })).toEqual(['unknown 0-300', 'up 300-1000']);
    expect(blocks([], { state: 'unknown', since: null })).toEqual(['unknown 0-1000']);
  });

  it('follows the changes, and begins with a state that began earlier', () => {
    const changes = [
      [400, 'up', 'down', 9000],
      [600, 'down', 'warming', 200],
      [700, 'warming', 'up', 100],
    ] as const;
    expect(blocks(changes, { state: 'up', since: 700 })).toEqual([
      'up 0-400',
      'down 400-600',
      'warming 600-700',
      'up 700-1000',
    ]);
  });

  it('holds the last state as long as there were probes when the monitor was stopped', () => {
    const changes = [
      [100, 'warming', 'up', 50],
      [600, 'unknown', 'up', 10],
    ] as const;
    const probes = [50, 100, 150, 200, 600, 650];
    expect(blocks(changes, { state: 'up', since: 600 }, probes)).toEqual([
      'unknown 0-50',
      'warming 50-100',
      'up 100-250',
      'unknown 250-600',
      'up 600-1000',
    ]);
  });

  it('always fills the whole range without overlap', () => {
    const changes = [
      [300, 'up', 'down', 100],
      [250, 'down', 'up', 400],
      [990, 'down', 'up', 1],
    ] as const;
    const history = { from: 0, to: 1000, transitions: changes.map(transition), latency: [] };
    const all = blocksOf(history, { state: 'up', since: 990 });
    expect(all.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(1000);
    expect(all.slice(1).every(({ from }, index) => from === all[index]?.to)).toBe(true);
  });
});
