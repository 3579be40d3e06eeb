import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { PeerHealth } from '#replication/peer-health.ts';
import { PeerHealthAdapter } from './peer-health-adapter.ts';

const SILENT: ProbeCause = { code: 'PEER_TIMEOUT', message: 'nothing comes back' };

let suspected: string[];
let reachedByOthers: Set<string>;
let adapter: PeerHealthAdapter;
/** It as replication sees it: it must be all of the port. */
let health: PeerHealth;
let changes: string[];

beforeEach(() => {
  suspected = [];
  reachedByOthers = new Set();
  adapter = new PeerHealthAdapter({
    suspect: (server) => suspected.push(server),
    isReachedByOthers: (server) => reachedByOthers.has(server),
  });
  health = adapter;
  changes = [];
  health.onChanged((peer, reachability) => changes.push(`${peer} ${reachability}`));
});

describe('the monitor as replication sees it', () => {
  it('knows nothing of a peer before its first verdict', () => {
    expect([health.reachability('s2'), health.cause('s2')]).toEqual(['unknown', null]);
  });

  it('passes on each change of a verdict, and nothing twice', () => {
    adapter.onReachability('s2', 'reachable', null);
    adapter.onObservation('s2', { kind: 'success', latencyMs: 1 });
    adapter.onReachability('s2', 'doubted', SILENT);
    adapter.onObservation('s2', { kind: 'silence', cause: SILENT });
    adapter.onReachability('s2', 'unreachable', SILENT);
    expect(changes).toEqual(['s2 reachable', 's2 doubted', 's2 unreachable']);
    expect(health.reachability('s2')).toBe('unreachable');
    expect(health.cause('s2')).toEqual({ code: 'PEER_DOWN', message: 'nothing comes back' });
    adapter.onReachability('s2', 'reachable', SILENT);
    expect(health.cause('s2')).toBeNull();
  });

  it('does not call down who is silent to us and reached by the witnesses', () => {
    reachedByOthers.add('s2');
    adapter.onReachability('s2', 'unreachable', SILENT);
    expect(health.cause('s2')).toEqual({ code: 'PEER_UNREACHABLE', message: 'nothing comes back' });
  });

  it('has a cause for a peer that stays unknown because probes cannot be made', () => {
    const cause: ProbeCause = { code: 'INTERNAL', message: 'no such name' };
    for (let count = 1; count <= 3; count += 1) {
      expect(health.cause('s2')).toBeNull();
      adapter.onObservation('s2', { kind: 'ownFailure', cause });
    }
    expect([health.reachability('s2'), health.cause('s2'), changes]).toEqual(['unknown', cause, ['s2 unknown']]);
  });

  it('tells no more to whom has ended it', () => {
    const heard: string[] = [];
    health.onChanged((peer) => heard.push(peer))();
    adapter.onReachability('s2', 'reachable', null);
    expect(heard).toEqual([]);
  });

  it('probes at once and answers what the monitor makes of it', async () => {
    adapter.onReachability('s2', 'unreachable', SILENT);
    const answer = health.probeNow('s2', new AbortController().signal);
    expect(suspected).toEqual(['s2']);
    adapter.onObservation('s3', { kind: 'success', latencyMs: 1 });
    // The monitor tells of the probe before it judges it.
    adapter.onObservation('s2', { kind: 'success', latencyMs: 1 });
    adapter.onReachability('s2', 'reachable', null);
    expect(await answer).toBe('reachable');
  });

  it('waits for no probe longer than any takes, and not at all for one that was called off', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const late = health.probeNow('s2', new AbortController().signal);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await late).toBe('unknown');
    } finally {
      vi.useRealTimers();
    }
    expect(await health.probeNow('s2', AbortSignal.abort())).toBe('unknown');
    const stop = new AbortController();
    const stopped = health.probeNow('s2', stop.signal);
    stop.abort();
    expect(await stopped).toBe('unknown');
  });
});
