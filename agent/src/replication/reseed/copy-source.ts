import type { PeerClient, SignedStream } from '../peer-client.ts';
import { fetchCopies, type CopyGiver, type WantedCopy } from '../repair/fetch-copies.ts';
import { answered } from '../repair/repair-messages.ts';
import { FIND_PATH, findAnswer, KNOWN_PATH, knownAnswer, type Known, type Whereabouts } from './reseed-messages.ts';

/**
 * One peer, as a server asks it for what it lacks. Over a client of its own: a client has few connections, and visitors
 * who wait for images must not make a probe or a delivery wait. Failures are the peer client's.
 */
export class CopySource implements CopyGiver {
  readonly name: string;
  readonly #client: PeerClient;

  constructor(name: string, client: PeerClient) {
    this.name = name;
    this.#client = client;
  }

  /** What the peer itself has under the path, in whichever upper and lower case; it asks nobody. */
  async find(path: string, signal: AbortSignal): Promise<Whereabouts> {
    return answered(findAnswer, await this.#client.question(FIND_PATH, { path }, signal), FIND_PATH);
  }

  fetch(items: readonly WantedCopy[], signal: AbortSignal): Promise<SignedStream> {
    return fetchCopies(this.#client, items, signal);
  }

  /** What the peer knows of this server, by its name, and of itself. */
  async known(signal: AbortSignal): Promise<Known> {
    return answered(knownAnswer, await this.#client.question(KNOWN_PATH, {}, signal), KNOWN_PATH);
  }

  close(): void {
    this.#client.close();
  }
}
