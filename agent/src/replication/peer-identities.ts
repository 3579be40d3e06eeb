import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Catalog } from '#store/catalog.ts';

const FACT = 'peer-ids:';
/** Ids that are remembered for one peer; a server gets a new one only when its data folder is lost. */
const MAX_IDS = 10;
const idsSchema = z.array(z.string());

export interface PeerIdentitiesDeps {
  readonly catalog: Pick<Catalog, 'serverId' | 'remember' | 'recall'>;
  /** Names of the configuration. */
  readonly peers: readonly string[];
}

/**
 * Under which ids each peer has been seen. It is kept, because a peer that lost its disk has forgotten that it ever was
 * here, and asks; and one id at two addresses means that a data folder was copied.
 */
export class PeerIdentities {
  readonly #deps: PeerIdentitiesDeps;
  /** By name; the newest last. */
  readonly #ids = new Map<string, readonly string[]>();

  constructor(deps: PeerIdentitiesDeps) {
    this.#deps = deps;
  }

  /** To be called after the catalog's start. */
  async start(): Promise<void> {
    const facts = await this.#deps.catalog.recall();
    for (const name of this.#deps.peers) {
      const ids = idsSchema.safeParse(JSON.parse(facts.get(FACT + name) ?? '[]'));
      // What cannot be read was not written here; it is learned again with the next hello.
      if (ids.success && ids.data.length > 0) this.#ids.set(name, ids.data);
    }
  }

  /** A peer has said who it is. Throws PEER_DUPLICATE. */
  async meet(peer: string, id: string): Promise<void> {
    const { catalog } = this.#deps;
    if (id === catalog.serverId) throw new FleetError('PEER_DUPLICATE', `${peer} has the id of this server`);
    for (const [other, ids] of this.#ids) {
      if (other !== peer && ids.at(-1) === id) {
        throw new FleetError('PEER_DUPLICATE', `${peer} has the id that belongs to ${other}`);
      }
    }
    const known = this.#ids.get(peer) ?? [];
    if (known.at(-1) === id) return;
    const ids = [...known.filter((one) => one !== id), id].slice(-MAX_IDS);
    this.#ids.set(peer, ids);
    await catalog.remember([{ name: FACT + peer, value: JSON.stringify(ids) }]);
  }

  /** Of the peer with this name, in any case of its letters. */
  idsOf(name: string): readonly string[] {
    for (const [peer, ids] of this.#ids) if (peer.toLowerCase() === name.toLowerCase()) return ids;
    return [];
  }
}
