import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { serverKey } from '#engine/target/preferred-order.ts';

export interface ServerNamesOptions {
  /** Asks one server for its name; undefined when it does not tell, never rejects. */
  readonly ask: (server: string) => Promise<string | undefined>;
}

/**
 * Which of the configured addresses is which server of the fleet. Operators may reach a server by another address than its
 * peers do, so a server itself is asked first; where it does not answer, an address that is the same tells.
 */
export class ServerNames {
  readonly #ask: ServerNamesOptions['ask'];
  readonly #names = new Map<string, string>();
  #servers: readonly string[] = [];

  constructor({ ask }: ServerNamesOptions) {
    this.#ask = ask;
  }

  use(servers: readonly string[]): void {
    this.#servers = servers;
    const keys = new Set(servers.map(serverKey));
    for (const key of this.#names.keys()) if (!keys.has(key)) this.#names.delete(key);
  }

  /** Asks those whose name is not known yet, all at once. */
  async learn(): Promise<void> {
    const unknown = this.#servers.filter((server) => this.nameOf(server) === undefined);
    await Promise.all(
      unknown.map(async (server) => {
        const key = serverKey(server);
        const name = await this.#ask(server);
        if (key !== undefined && name !== undefined && this.#servers.includes(server)) this.#names.set(key, name);
      }),
    );
  }

  /** From what an agent lists, for those that have not told themselves. */
  learnFrom(entries: readonly ServerEntry[]): void {
    for (const server of this.#servers) {
      const key = serverKey(server);
      if (key === undefined || this.#names.has(key)) continue;
      const entry = entries.find(
        ({ url, address }) => key === serverKey(url) || key === serverKey(`http://${address ?? ''}`),
      );
      if (entry !== undefined) this.#names.set(key, entry.name);
    }
  }

  nameOf(server: string): string | undefined {
    const key = serverKey(server);
    return key === undefined ? undefined : this.#names.get(key);
  }

  /** The configured address of the server that agents call so; undefined for one that is not configured. */
  serverOf(name: string): string | undefined {
    return this.#servers.find((server) => this.nameOf(server) === name);
  }

  /** The same for a server whoever tells of it: its address as `serverKey` names it where it is configured, else its name. */
  keyOf(name: string): string {
    const server = this.serverOf(name);
    return (server === undefined ? undefined : serverKey(server)) ?? name;
  }

  /** For people: the name that agents give it, else its address. */
  labelOf(key: string): string {
    const server = this.#servers.find((one) => serverKey(one) === key);
    if (server === undefined) return key;
    return this.nameOf(server) ?? URL.parse(server.trim())?.host ?? server;
  }
}
