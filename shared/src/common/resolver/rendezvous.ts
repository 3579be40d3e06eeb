import { formatHostPort } from '../address/server-address.ts';
import { hashText, mix } from './key-hash.ts';
import { type ResolvableServer } from './resolvable-server.ts';
import { costOf, weightUnits } from './weighted-cost.ts';

/** Start of the second hash of a server; any number but FNV's own start. */
const SECOND_SEED = 0x9e3779b9;
/** Up to here sorting by insertion beats the sort of the platform. */
const INSERTION_LIMIT = 32;

/** Servers prepared for many keys. Bound to no file: when the servers change, a new one is made. */
export interface RendezvousResolver<Server extends ResolvableServer = ResolvableServer> {
  /** Every online server: the key's own first, then those it moves on to when the ones before are down. */
  resolve(key: string): Server[];
  /** The first of `resolve`, found without making the list; undefined when nobody is online. */
  first(key: string): Server | undefined;
}

/**
 * Rendezvous hashing (Thaler and Ravishankar 1998): each pair of key and server has a score, the highest wins. When a
 * server goes, only its keys move, evenly to all others; one that comes gets its share and moves nothing else. With
 * weights a key goes where −log(score) / weight is least. The order in which the servers are given does not matter.
 */
export function createResolver<Server extends ResolvableServer>(
  servers: readonly Server[],
): RendezvousResolver<Server> {
  return new PreparedServers(servers);
}

class PreparedServers<Server extends ResolvableServer> implements RendezvousResolver<Server> {
  readonly #servers: readonly Server[];
  /** Two hashes each: with one of 32 bits, two of many thousand servers might share all scores. */
  readonly #hashes: Int32Array;
  readonly #secondHashes: Int32Array;
  /** Undefined when all are alike, as nearly always: then the scores decide by themselves. */
  readonly #weights: Float64Array | undefined;
  // Room for one call at a time. Each call writes it before it reads it, and none waits for anything in between.
  readonly #scores: Float64Array;
  readonly #costs: Float64Array;
  readonly #ranks: Int32Array;

  constructor(servers: readonly Server[]) {
    const named = onlineByName(servers);
    const count = named.length;
    this.#servers = named.map(({ server }) => server);
    this.#hashes = Int32Array.from(named, ({ name }) => hashText(name));
    this.#secondHashes = Int32Array.from(named, ({ name }) => hashText(name, SECOND_SEED));
    const weights = Float64Array.from(this.#servers, ({ weight }) => weightUnits(weight));
    this.#weights = weights.some((weight) => weight !== weights[0]) ? weights : undefined;
    this.#scores = new Float64Array(count);
    this.#costs = new Float64Array(count);
    this.#ranks = new Int32Array(count);
  }

  resolve(key: string): Server[] {
    this.#scoreAll(key);
    const ranks = this.#ranks;
    const servers = this.#servers;
    if (ranks.length > INSERTION_LIMIT) {
      for (let index = 0; index < ranks.length; index += 1) ranks[index] = index;
      ranks.sort((left, right) => this.#compare(left, right));
    } else if (this.#weights === undefined) {
      this.#rankByScore();
    } else {
      this.#rankByCost();
    }
    const answer = new Array<Server>(ranks.length);
    for (let index = 0; index < ranks.length; index += 1) answer[index] = servers[ranks[index] ?? 0] as Server;
    return answer;
  }

  first(key: string): Server | undefined {
    this.#scoreAll(key);
    let best = 0;
    for (let index = 1; index < this.#servers.length; index += 1) {
      if (this.#compare(index, best) < 0) best = index;
    }
    return this.#servers[best];
  }

  #scoreAll(key: string): void {
    const keyHash = hashText(key);
    const hashes = this.#hashes;
    const secondHashes = this.#secondHashes;
    const scores = this.#scores;
    for (let index = 0; index < hashes.length; index += 1) {
      const mixed = mix(keyHash ^ (hashes[index] ?? 0));
      scores[index] = mix(mixed ^ (secondHashes[index] ?? 0)) >>> 0;
    }
    if (this.#weights === undefined) return;
    for (let index = 0; index < scores.length; index += 1) this.#costs[index] = costOf(scores[index] ?? 0);
  }

  /** The usual case, and the one that must be quick. */
  #rankByScore(): void {
    const ranks = this.#ranks;
    const scores = this.#scores;
    for (let index = 0; index < ranks.length; index += 1) {
      const score = scores[index] ?? 0;
      let place = index;
      // Equal scores keep the order of their names.
      for (; place > 0; place -= 1) {
        const before = ranks[place - 1] ?? 0;
        if (score <= (scores[before] ?? 0)) break;
        ranks[place] = before;
      }
      ranks[place] = index;
    }
  }

  #rankByCost(): void {
    const ranks = this.#ranks;
    for (let index = 0; index < ranks.length; index += 1) {
      let place = index;
      for (; place > 0; place -= 1) {
        const before = ranks[place - 1] ?? 0;
        if (this.#compare(index, before) > 0) break;
        ranks[place] = before;
      }
      ranks[place] = index;
    }
  }

  /** Below 0 when `left` comes before `right`. Never 0 for two: the last word has their place, which follows names. */
  #compare(left: number, right: number): number {
    if (this.#weights !== undefined) {
      // cost / weight on both sides, multiplied out: products of integers are exact, quotients are not.
      const leftCost = (this.#costs[left] ?? 0) * (this.#weights[right] ?? 1);
      const rightCost = (this.#costs[right] ?? 0) * (this.#weights[left] ?? 1);
      if (leftCost !== rightCost) return leftCost - rightCost;
    }
    return (this.#scores[right] ?? 0) - (this.#scores[left] ?? 0) || left - right;
  }
}

interface NamedServer<Server> {
  readonly name: string;
  readonly server: Server;
}

/** Sorted by `host:port`, code unit by code unit: an order that every language can make. An address counts once. */
function onlineByName<Server extends ResolvableServer>(servers: readonly Server[]): readonly NamedServer<Server>[] {
  const named = servers
    .filter((server) => server.online)
    .map((server) => ({ name: formatHostPort(server), server }))
    .sort((a, b) => compareText(a.name, b.name) || b.server.weight - a.server.weight);
  return named.filter(({ name }, index) => name !== named[index - 1]?.name);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
