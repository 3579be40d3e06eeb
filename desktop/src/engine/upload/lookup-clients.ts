import { createFleetClient, type FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import type { Lookup } from '#engine/queue/upload-ports.ts';

/** One client for each server that was asked what it has. */
export class LookupClients {
  readonly #key: string | undefined;
  readonly #clients = new Map<string, FleetClient>();

  constructor(key: string | undefined) {
    this.#key = key;
  }

  readonly lookup: Lookup = (server, sha256) => {
    let client = this.#clients.get(server);
    if (client === undefined) {
      client = createFleetClient({ server, key: this.#key });
      this.#clients.set(server, client);
    }
    return client.lookupImages({ sha256: [...sha256] });
  };

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}
