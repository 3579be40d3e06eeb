import { setTimeout as delay } from 'node:timers/promises';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ItemImage } from '#engine/queue/queue-item.ts';
import type { HashFiles, Lookup, Sender, SendOptions, SentItem, SentOutcome } from '#engine/queue/upload-ports.ts';

/** Servers that share what they store, as soon as it is stored. A file's hash is made of what `contents` says of it. */
export class FakeFleet {
  /** Id -> hash. */
  readonly stored = new Map<string, string>();
  /** File -> what is in it; its own name unless given. */
  readonly contents = new Map<string, string>();
  readonly requests: { readonly server: string; readonly keys: readonly number[] }[] = [];
  readonly lookups: { readonly server: string; readonly hashes: number }[] = [];
  readonly dead = new Set<string>();
  /** Files whose bytes no server takes. */
  readonly noImages = new Set<string>();
  /** Servers that store and whose answers are lost. */
  readonly mute = new Set<string>();
  /** Files that break the code of every server. */
  readonly breaking = new Set<string>();
  /** False: a server knows only of what it stored itself. */
  isShared = true;
  /** Of a look-up. */
  lookupMs = 1;
  readonly #storedAt = new Map<string, string>();
  /** Milliseconds that a request takes. */
  requestMs = 1;

  readonly hash: HashFiles = async (items) => {
    await delay(1);
    return items.map(({ key, file, sizeBytes, mtimeMs, inode }) => ({
      ...{ kind: 'hashed', key, sha256: this.#hashOf(file), stamp: { sizeBytes, mtimeMs, inode } },
    }));
  };

  readonly lookup: Lookup = async (server, sha256) => {
    this.lookups.push({ server, hashes: sha256.length });
    await delay(this.lookupMs);
    this.#reach(server);
    const wanted = new Set(sha256);
    const images = [...this.stored].filter(
      ([id, hash]) => wanted.has(hash) && (this.isShared || this.#storedAt.get(id) === server),
    );
    return { images: images.map(([id, hash]) => ({ ...imageOf(id), sha256: hash, sizeBytes: 1 })) };
  };

  readonly sender: Sender = {
    send: async (items, options) => {
      this.requests.push({ server: options.server, keys: items.map(({ key }) => key) });
      return this.#take(items, options);
    },
    close: () => undefined,
  };

  async #take(items: readonly SentItem[], { server, signal, onBytes }: SendOptions): Promise<readonly SentOutcome[]> {
    for (const { key } of items) onBytes(key, 1);
    await delay(this.requestMs, undefined, { signal });
    try {
      this.#reach(server);
    } catch (error) {
      return items.map(({ key }) => lost(key, error as FleetError));
    }
    const broken = items.some(({ file }) => this.breaking.has(file));
    if (broken) return items.map(({ key }) => lost(key, new FleetError('INTERNAL', 'something went wrong inside')));
    return items.map((item): SentOutcome => {
      const { key, id, file, sha256 } = item;
      if (this.noImages.has(file)) return { key, kind: 'refused', code: 'NOT_AN_IMAGE', message: 'text' };
      this.stored.set(id, sha256);
      this.#storedAt.set(id, server);
      if (this.mute.has(server)) return lost(key, new FleetError('PEER_UNREACHABLE', 'the connection was cut'));
      return { key, kind: 'stored', image: imageOf(id), sha256, isAsQueued: true };
    });
  }

  #hashOf(file: string): string {
    return Buffer.from(this.contents.get(file) ?? file)
      .toString('hex')
      .padEnd(64, '0')
      .slice(-64);
  }

  #reach(server: string): void {
    if (this.dead.has(server)) throw new FleetError('PEER_UNREACHABLE', `${server} cannot be reached`);
  }
}

function lost(key: number, error: FleetError): SentOutcome {
  return { key, kind: 'lost', error, retryAfterMs: undefined };
}

function imageOf(id: string): ItemImage {
  return { path: `${id}.png`, link: `http://i/${id}.png` };
}
