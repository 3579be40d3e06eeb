import { DEFAULT_HEALTH_SETTINGS } from '@imagefleet/shared/common/health/health-settings.ts';
import type { Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { unwatchedHistory, type HistoryRange, type MonitorView, type WatchedState } from '../monitor-view.ts';

export function aWatchedState(overrides: Partial<WatchedState> & { readonly name: string }): WatchedState {
  return {
    ...{ host: '10.0.0.9', port: 42424, state: 'up', sinceAt: 1000, warmUpLeftMs: null, cause: null },
    ...{ weight: 1, isAgent: false },
    ...overrides,
  };
}

export function aVerdict(overrides: Partial<Verdict> = {}): Verdict {
  return {
    ...{ server: 's2', state: 'up', reachability: 'reachable', rule: 'warmed-up', sinceAt: 1000 },
    ...{ successesInRow: 9, failuresInRow: 0, warmUpLeftMs: null, votes: null, probes: [] },
    settings: DEFAULT_HEALTH_SETTINGS,
    ...overrides,
  };
}

/** Says what a test has put into it. */
export class FakeMonitorView implements MonitorView {
  watched: WatchedState[];
  readonly verdicts = new Map<string, Verdict>();
  readonly ranges: HistoryRange[] = [];

  constructor(watched: readonly WatchedState[] = []) {
    this.watched = [...watched];
  }

  states(): readonly WatchedState[] {
    return this.watched;
  }

  verdict(name: string): Verdict | undefined {
    return this.verdicts.get(name);
  }

  async setMaintenance(name: string, isOn: boolean): Promise<void> {
    this.watched = this.watched.map((state) =>
      state.name === name ? { ...state, state: isOn ? 'maintenance' : 'unknown' } : state,
    );
  }

  async history(name: string, range: HistoryRange): Promise<HistoryAnswer> {
    this.ranges.push(range);
    return unwatchedHistory(name, range);
  }
}
