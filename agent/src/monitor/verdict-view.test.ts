import { describe, expect, it } from 'vitest';
import type { WatchTarget } from '@imagefleet/shared/common/config/watch-targets.ts';
import type { Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { Maintenance, type MaintenanceStore } from './maintenance.ts';
import { unwatchedHistory } from './monitor-view.ts';
import { aVerdict } from './testing/fake-monitor-view.ts';
import { VerdictView } from './verdict-view.ts';

const TARGETS: readonly WatchTarget[] = [
  { name: 's1', host: '127.0.0.1', port: 7401, weight: 1, isAgent: true, isOwn: true },
  { name: 'b:1', host: 'b', port: 1, weight: 3, isAgent: false, isOwn: false },
];
const REFUSED = { code: 'PEER_UNREACHABLE', message: 'refused' } as const;

function viewOver(verdicts: readonly Verdict[], store?: Partial<MaintenanceStore>) {
  const applied: [string, boolean][] = [];
  const maintenance = new Maintenance(
    { load: async () => undefined, save: async () => undefined, ...store },
    silentLogger,
  );
  const view = new VerdictView({
    targets: TARGETS,
    monitor: {
      verdict: (name) => verdicts.find(({ server }) => server === name),
      setMaintenance: (name, isOn) => applied.push([name, isOn]),
    },
    history: { read: async (server, range) => unwatchedHistory(server, range) },
    maintenance,
  });
  return { view, applied };
}

describe('the view over a running monitor', () => {
  it('lists every target, also one of which nothing is known yet', () => {
    const { view } = viewOver([
      aVerdict({ server: 'b:1', state: 'warming', rule: 'warming-up', sinceAt: 5, warmUpLeftMs: 700 }),
    ]);
    expect(view.states()).toEqual([
      {
        ...{ name: 's1', host: '127.0.0.1', port: 7401, weight: 1, isAgent: true },
        ...{ state: 'unknown', sinceAt: null, warmUpLeftMs: null, cause: null },
      },
      {
        ...{ name: 'b:1', host: 'b', port: 1, weight: 3, isAgent: false },
        ...{ state: 'warming', sinceAt: 5, warmUpLeftMs: 700, cause: null },
      },
    ]);
  });

  it('tells why a server is down or unknown by the last probe that failed, and has no cause while it is up', () => {
    const probes = [
      { at: 1, observation: { kind: 'silence', cause: { code: 'PEER_TIMEOUT', message: 'old' } } },
      { at: 2, observation: { kind: 'failure', cause: REFUSED } },
      { at: 3, observation: { kind: 'success', latencyMs: 1 } },
    ] as const;
    for (const state of ['down', 'unknown', 'up', 'warming', 'maintenance'] as const) {
      const { view } = viewOver([aVerdict({ server: 's1', state, probes })]);
      expect(view.states()[0]?.cause).toEqual(state === 'down' || state === 'unknown' ? REFUSED : null);
    }
  });

  it('puts maintenance on the disk before it holds', async () => {
    const saves: (readonly string[])[] = [];
    const { view, applied } = viewOver([], {
      save: async (names) => {
        saves.push(names);
        expect(applied).toEqual([]);
      },
    });
    await view.setMaintenance('b:1', true);
    expect([saves, applied]).toEqual([[['b:1']], [['b:1', true]]]);
  });

  it('leaves the monitor alone when maintenance cannot be kept', async () => {
    const { view, applied } = viewOver([], { save: () => Promise.reject(new Error('disk')) });
    await expect(view.setMaintenance('b:1', true)).rejects.toThrow('disk');
    expect(applied).toEqual([]);
  });
});
