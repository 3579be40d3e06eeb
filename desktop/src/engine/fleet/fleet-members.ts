import type { FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import { serverKey } from '#engine/target/preferred-order.ts';

/** The servers that an operator configured, and the one key for all of them. */
export interface FleetAccess {
  /** Starts of their addresses. */
  readonly servers: readonly string[];
  readonly key: string | undefined;
}

export type ConnectClient = (server: string, key: string | undefined) => FleetClient;

interface Member {
  readonly server: string;
  readonly client: FleetClient;
}

/** One client for each configured server. Servers and key may change at any time; what does not change keeps its connections. */
export class FleetMembers {
  readonly #connect: ConnectClient;
  #members: readonly Member[] = [];
  #key: string | undefined;

  constructor(connect: ConnectClient) {
    this.#connect = connect;
  }

  get servers(): readonly string[] {
    return this.#members.map(({ server }) => server);
  }

  get key(): string | undefined {
    return this.#key;
  }

  /**
   * Other servers or another key from now on. Calls that are under way at a server that left fail with PEER_UNREACHABLE.
   * Every spelling of an address is one server; the first one counts.
   */
  use({ servers, key }: FleetAccess): void {
    const kept = new Map(key === this.#key ? this.#members.map((member) => [serverKey(member.server), member]) : []);
    const before = this.#members;
    const byKey = new Map<string, Member>();
    for (const server of servers) {
      const id = serverKey(server);
      if (id === undefined || byKey.has(id)) continue;
      byKey.set(id, kept.get(id) ?? { server, client: this.#connect(server, key) });
    }
    this.#key = key;
    this.#members = [...byKey.values()];
    for (const member of before) if (!this.#members.includes(member)) member.client.close();
  }

  client(server: string): FleetClient | undefined {
    const id = serverKey(server);
    return this.#members.find((member) => serverKey(member.server) === id)?.client;
  }

  close(): void {
    for (const { client } of this.#members) client.close();
    this.#members = [];
  }
}
