import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { ENGINE_API, type EngineOutput } from '#bridge/engine-api.ts';
import type { ToldIncident } from '#bridge/engine-messages.ts';
import { ITEM_STATES, type ItemState } from '#bridge/engine-words.ts';

/** A fleet as `readFleet` tells it; servers by name. */
export function aFleet(
  states: Readonly<Record<string, ServerState>>,
  incidents: readonly ToldIncident[] = [],
): EngineOutput<'readFleet'> {
  return ENGINE_API.readFleet.output.parse({
    servers: Object.entries(states).map(([name, state]) => ({
      ...{ server: `http://${name}:7401`, name, state, since: null, disk: null, backlog: null, lagSeconds: null },
      code: null,
    })),
    ...{ heardFrom: null, heardAt: null, silent: [], live: 'live', followed: null, problem: null, incidents },
  });
}

export function anIncident(fields: Partial<ToldIncident> = {}): ToldIncident {
  return {
    ...{ id: 'i1', kind: 'servers', servers: ['s2'], code: null, openedAt: 0, since: 0, backAt: null, until: null },
    ...{ lastedMs: null, reopened: 0 },
    ...fields,
  };
}

/** A queue as `readStatus` tells it, with as many files in each state. */
export function aStatus(files: Partial<Record<ItemState, number>> = {}, isPaused = false): EngineOutput<'readStatus'> {
  const counts = ITEM_STATES.map((state) => [state, { files: files[state] ?? 0, bytes: 0 }]);
  return ENGINE_API.readStatus.output.parse({
    ...{
      counts: Object.fromEntries(counts) as unknown,
      isPaused,
      holding: null,
      limits: { bytesPerSecond: 0, requests: 4 },
    },
    ...{ bytesPerSecond: null, secondsLeft: null, bytesUnderWay: 0, targets: [] },
  });
}
