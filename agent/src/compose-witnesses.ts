import { hostOfUrl } from '@imagefleet/shared/common/config/host-of-url.ts';
import { randomUUID } from 'node:crypto';
import { Witnesses } from '#monitor/witnesses.ts';
import { PeerClient, type PeerAddress } from '#replication/peer-client.ts';
import { askReach } from '#replication/reach-call.ts';

export interface WitnessParts {
  /** Agents that are asked: the peers, or those that a monitor without an agent has in its configuration. */
  readonly agents: readonly PeerAddress[];
  /** Who asks, as the questions name it. */
  readonly self: () => { readonly id: string; readonly name: string };
  readonly now: () => number;
  /** After how long votes come too late, for tests. */
  readonly limitMs?: number;
}

/** What asks other agents about servers that are silent here; a part of compose.ts. */
export class WitnessModule {
  readonly witnesses: Witnesses;
  /** Of their own, so that no question waits behind an image. */
  readonly #clients: readonly PeerClient[];

  constructor({ agents, self, now, limitMs }: WitnessParts) {
    const asked = agents.map((peer) => ({ peer, client: new PeerClient({ peer, self, now }) }));
    this.#clients = asked.map(({ client }) => client);
    this.witnesses = new Witnesses({
      witnesses: asked.flatMap(({ peer, client }) => {
        const place = hostOfUrl(peer.url);
        if (place === undefined) return [];
        const { name } = peer;
        return [{ name, ...place, reach: (addresses, signal) => askReach(client, addresses, signal) }];
      }),
      ...(limitMs === undefined ? {} : { limitMs }),
    });
  }

  /** Gives up what is asked, and closes the connections that are kept open. */
  stop(): void {
    this.witnesses.stop();
    for (const client of this.#clients) client.close();
  }
}

/**
 * How a monitor without an agent names itself. It has no images and so no identity; an agent that is asked only looks
 * that the id is not its own.
 */
export function monitorSelf(name: string): WitnessParts['self'] {
  const id = `monitor-${randomUUID()}`;
  return () => ({ id, name });
}
