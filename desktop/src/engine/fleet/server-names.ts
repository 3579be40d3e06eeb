import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { addressKey } from '@imagefleet/shared/common/health/reach.ts';
import { addressOf, serverKey } from '#engine/target/preferred-order.ts';

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
  /** Keys whose name the agents do not list any more: another server may stand there by now. */
  #doubted: ReadonlySet<string> = new Set();
  #servers: readonly string[] = [];

  constructor({ ask }: ServerNamesOptions) {
    this.#ask = ask;
  }

  use(servers: readonly string[]): void {
    this.#servers = servers;
    const keys = new Set(servers.map(serverKey));
    for (const key of this.#names.keys()) if (!keys.has(key)) this.#names.delete(key);
  }

  /** Asks those whose name is not known yet, or not listed any more, all at once. */
  async learn(): Promise<void> {
    const unsure = this.#servers.filter((server) => this.nameOf(server) === undefined || this.#isDoubted(server));
    await Promise.all(
      unsure.map(async (server) => {
        const key = serverKey(server);
        const name = await this.#ask(server);
        if (key !== undefined && name !== undefined && this.#servers.includes(server)) this.#names.set(key, name);
      }),
    );
  }

  /** From what an agent lists, for those that have not told themselves, or told a name that nobody knows any more. */
  learnFrom(entries: readonly ServerEntry[]): void {
    const listed = new Set(entries.map(({ name }) => name));
    const doubted = new Set<string>();
    for (const server of this.#servers) {
      const key = serverKey(server);
      const known = key === undefined ? undefined : this.#names.get(key);
      if (key === undefined || (known !== undefined && listed.has(known))) continue;
      const entry = this.#entryAt(server, entries);
      if (entry !== undefined) this.#names.set(key, entry.name);
      else if (known !== undefined) doubted.add(key);
    }
    this.#doubted = doubted;
  }

  /** Whether nobody knows who the configured server with this key is. */
  isUnnamed(key: string): boolean {
    return !this.#names.has(key) && this.isConfigured(key);
  }

  isConfigured(key: string): boolean {
    return this.#servers.some((server) => serverKey(server) === key);
  }

  nameOf(server: string): string | undefined {
    const key = serverKey(server);
    return key === undefined ? undefined : this.#names.get(key);
  }

  #isDoubted(server: string): boolean {
    const key = serverKey(server);
    return key !== undefined && this.#doubted.has(key);
  }

  /** By its whole address, else by host and port where only one configured server has them. */
  #entryAt(server: string, entries: readonly ServerEntry[]): ServerEntry | undefined {
    const key = serverKey(server);
    const exact = entries.find(({ url }) => serverKey(url) === key);
    const place = placeOf(server);
    const isShared = this.#servers.some((other) => other !== server && placeOf(other) === place);
    if (exact !== undefined || isShared) return exact;
    return entries.find(({ url, address }) => placeOf(url) === place || placeOf(`http://${address ?? ''}`) === place);
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

/** Host and port alone, undefined for what is no address. */
function placeOf(server: string): string | undefined {
  const address = addressOf(server);
  return address && addressKey(address);
}
