import type { PeerClient, SignedStream } from '../peer-client.ts';
import { answered, FETCH_PATH } from '../repair/repair-messages.ts';
import { FIND_PATH, findAnswer, KNOWN_PATH, knownAnswer, type Whereabouts } from './reseed-messages.ts';

/**
 * One peer, as a server asks it for what it lacks. Over a client of its own: a client has few connections, and visitors
 * who wait for images must not make a probe or a delivery wait. Failures are the peer client's.
 */
export class CopySource {
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

  /** The bytes of images in exactly these versions, as a batch. The caller closes it. */
  fetch(
    items: readonly { readonly path: string; readonly version: string }[],
    signal: AbortSignal,
  ): Promise<SignedStream> {
    const named = items.map(({ path, version }) => ({ path, version }));
    return this.#client.stream(FETCH_PATH, { items: named }, signal);
  }

  /** Ids under which the peer has seen this server, by its name. */
  async knownIds(signal: AbortSignal): Promise<readonly string[]> {
    return answered(knownAnswer, await this.#client.question(KNOWN_PATH, {}, signal), KNOWN_PATH).ids;
  }

  close(): void {
    this.#client.close();
  }
}
