import { setTimeout as delay } from 'node:timers/promises';
import type { AgentProcess } from './agent-process.ts';

const PAUSE_MS = 300;

interface Row {
  readonly id: number;
  readonly state: string;
  readonly attempts: number;
  readonly cause: { readonly code: string } | null;
}

/** What a server says of a peer that it does not reach; `unknown` where it may be cut off itself. */
const LOST: ReadonlySet<string | undefined> = new Set(['down', 'unknown']);

/**
 * Looks at the ledgers all the time: a delivery must not burn attempts on a peer that is known to be lost. Known are
 * those that a server calls so before and after one look, and in the look before.
 */
export class AttemptWatch {
  /** Attempts that were counted while the peer was known to be lost. */
  readonly burned: string[] = [];
  /** Code of each cause that was seen -> ids of the deliveries that had it, as `from>to id`. */
  readonly causes = new Map<string, Set<string>>();
  /** `from>to` of the peers that were seen lost. */
  readonly seenLost = new Set<string>();
  readonly #before = new Map<string, ReadonlyMap<number, number>>();
  #isStopping = false;
  #running: Promise<unknown> = Promise.resolve();

  start(agents: readonly AgentProcess[]): void {
    this.#running = Promise.all(agents.map((agent) => this.#watch(agent, agents)));
    // Whoever stops it hears of it.
    this.#running.catch(() => undefined);
  }

  /** Throws what went wrong with looking. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async #watch(agent: AgentProcess, agents: readonly AgentProcess[]): Promise<void> {
    while (!this.#isStopping) {
      for (const peer of agents) if (peer !== agent) await this.#look(agent, peer);
      await delay(PAUSE_MS);
    }
  }

  async #look(agent: AgentProcess, peer: AgentProcess): Promise<void> {
    const pair = `${agent.name}>${peer.name}`;
    const wasLost = LOST.has(await stateOf(agent, peer));
    const { deliveries } = await agent.api<{ deliveries: Row[] }>(`/deliveries?limit=1000&server=${peer.name}`);
    const isLost = wasLost && LOST.has(await stateOf(agent, peer));
    const before = this.#before.get(pair);
    for (const { id, cause, attempts } of deliveries) {
      if (cause !== null) this.#note(cause.code, `${pair} ${String(id)}`);
      const had = before?.get(id);
      if (isLost && had !== undefined && attempts > had)
        this.burned.push(`${pair} ${String(id)}: ${String(had)} -> ${String(attempts)}`);
    }
    if (isLost) this.seenLost.add(pair);
    if (isLost) this.#before.set(pair, new Map(deliveries.map(({ id, attempts }) => [id, attempts])));
    else this.#before.delete(pair);
  }

  #note(code: string, delivery: string): void {
    this.causes.set(code, (this.causes.get(code) ?? new Set()).add(delivery));
  }
}

/** What `agent` says of a peer. */
export async function stateOf(agent: AgentProcess, peer: AgentProcess): Promise<string | undefined> {
  const { servers } = await agent.api<{ servers: { name: string; state: string }[] }>('/servers');
  return servers.find(({ name }) => name === peer.name)?.state;
}
