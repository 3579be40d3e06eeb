import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { serverEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { FleetClient } from '@imagefleet/shared/node/fleet-client.ts';

export interface FakeAgent {
  /** As the others call it. */
  readonly name: string;
  readonly url: string;
}

export interface FakeAgentClientOptions {
  readonly own: FakeAgent;
  readonly fleet: readonly FakeAgent[];
  /** By url. */
  readonly stateOf: ReadonlyMap<string, ServerState>;
  /** Called before each answer; throws what the agent fails with. */
  readonly reach: () => void;
}

/** An agent as far as those need it who follow a fleet: it tells its name, and how all are. */
export function fakeAgentClient({ own, fleet, stateOf, reach }: FakeAgentClientOptions): FleetClient {
  const nothing = { lagSeconds: null, backlog: null, disk: null, images: null, cause: null };
  const client: Partial<FleetClient> = {
    listServers: async () => {
      reach();
      const servers = fleet.map(({ name, url }) =>
        serverEntry.parse({ name, url, state: stateOf.get(url), unencrypted: true, ...nothing }),
      );
      return Promise.resolve({ servers, silent: [] });
    },
    readSession: async () => {
      reach();
      return Promise.resolve({ server: own.name, keyName: null, roles: [], expiresAt: null, servers: [] });
    },
    close: () => undefined,
  };
  return client as FleetClient;
}
