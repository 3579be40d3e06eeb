import { setTimeout as delay } from 'node:timers/promises';
import type { AgentProcess } from './agent-process.ts';

const PAUSE_MS = 300;

interface Row {
  readonly id: number;
  readonly state: string;
  readonly attempts: number;
  readonly cause: { readonly code: string } | null;
}

/**
 * Looks at the ledgers all the time: a delivery must not burn attempts on a peer that is known to be down. Known are
 * those that a server calls down before and after one look, and in the look before.
 */
export class AttemptWatch {
  /** Attempts that were counted while the peer was known to be down. */
  readonly burned: string[] = [];
  /** Code of each cause that was seen -> ids of the deliveries that had it, as `from>to id`. */
  readonly causes = new Map<string, Set<string>>();
  /** `from>to` of the peers that were seen down. */
  readonly seenDown = new Set<string>();
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
    const wasDown = (await stateOf(agent, peer)) === 'down';
    const { deliveries } = await agent.api<{ deliveries: Row[] }>(`/deliveries?limit=1000&server=${peer.name}`);
    const isDown = wasDown && (await stateOf(agent, peer)) === 'down';
    const before = this.#before.get(pair);
    for (const { id, cause, attempts } of deliveries) {
      if (cause !== null) this.#note(cause.code, `${pair} ${String(id)}`);
      const had = before?.get(id);
      if (isDown && had !== undefined && attempts > had)
        this.burned.push(`${pair} ${String(id)}: ${String(had)} -> ${String(attempts)}`);
    }
    if (isDown) this.seenDown.add(pair);
    if (isDown) this.#before.set(pair, new Map(deliveries.map(({ id, attempts }) => [id, attempts])));
    else this.#before.delete(pair);
  }

  #note(code: string, delivery: string): void {
    this.causes.set(code, (this.causes.get(code) ?? new Set()).add(delivery));
  }
}

/** What `agent` says of a peer: unknown, up or down. */
export async function stateOf(agent: AgentProcess, peer: AgentProcess): Promise<string | undefined> {
  const { servers } = await agent.api<{ servers: { name: string; state: string }[] }>('/servers');
  return servers.find(({ name }) => name === peer.name)?.state;
}
