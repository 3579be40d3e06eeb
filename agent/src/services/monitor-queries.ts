import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import { rangeOf } from '#monitor/history/health-history.ts';
import type { MonitorView, WatchedState } from '#monitor/monitor-view.ts';
import { askFleet, type FleetScopeDeps } from './fleet-scope.ts';

export interface MonitorQueryDeps {
  readonly monitor: MonitorView;
  readonly now: () => number;
  /** Undefined for a monitor without an agent: it is its own whole fleet. */
  readonly fleet?: FleetScopeDeps;
}

/** What a monitor says of one server. A name that it does not watch is SERVER_UNKNOWN. */
export function monitorQueries(
  deps: MonitorQueryDeps,
): Pick<OperatorHandlers, 'setMaintenance' | 'readServerHistory' | 'explainServer'> {
  const { monitor } = deps;
  return {
    setMaintenance: async ({ name, on, scope }) => {
      find(monitor, name);
      await monitor.setMaintenance(name, on);
      const { state } = find(monitor, name);
      if (scope === 'server' || deps.fleet === undefined) return { name, state, silent: [] };
      const { silent } = await askFleet(deps.fleet, 'setMaintenance', () => ({ name, on, scope: 'server' }));
      return { name, state, silent };
    },
    readServerHistory: async ({ name, ...query }) => {
      find(monitor, name);
      return monitor.history(name, rangeOf(query, deps.now()));
    },
    explainServer: async ({ name }) => {
      const verdict = monitor.verdict(name);
      if (verdict === undefined) throw unknown(name);
      return { ...verdict, probes: [...verdict.probes] };
    },
  };
}

function find(monitor: MonitorView, name: string): WatchedState {
  const watched = monitor.states().find((state) => state.name === name);
  if (watched === undefined) throw unknown(name);
  return watched;
}

function unknown(name: string): FleetError {
  return new FleetError('SERVER_UNKNOWN', `No server called ${name} is watched here.`);
}
