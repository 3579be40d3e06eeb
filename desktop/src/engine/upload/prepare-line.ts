import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { ItemChange, ItemImage, QueueItem } from '#engine/queue/queue-item.ts';
import type { HashFiles, Lookup, PreparedItem } from '#engine/queue/upload-ports.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import type { TakenItems } from './taken-items.ts';

/** Files of one round: one look-up, two transactions. */
const ROUND_FILES = 256;

interface Deps {
  readonly store: UploadQueueStore;
  readonly taken: TakenItems;
  readonly hash: HashFiles;
  readonly lookup: Lookup;
  readonly now: () => number;
  /** What a server told of its clock. */
  readonly onClock: (clock: OperatorOutput<'lookupImages'>['clock']) => void;
}

/** What one round came to. */
export interface Prepared {
  readonly ready: readonly PreparedItem[];
  /** Nothing was there to be prepared. */
  readonly isEmpty: boolean;
}

/** Finds out for files of the queue whether their bytes have to go out: by their hash, and by what the fleet has. */
export class PrepareLine {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** One round. Fails with the FleetError of the look-up; then nothing is in hand of what it took. */
  async round(server: string, signal: AbortSignal): Promise<Prepared> {
    const { store, taken, now } = this.#deps;
    if (await this.#settleDoubts(server)) return { ready: [], isEmpty: false };
    const due = store.due('queued', { now: now(), limit: ROUND_FILES + taken.size });
    const items = due.filter(({ key }) => !taken.has(key)).slice(0, ROUND_FILES);
    if (items.length === 0) return { ready: [], isEmpty: true };
    taken.take(items);
    try {
      const hashed = await this.#hash(items, signal);
      const known = await this.#ask(server, hashed);
      return { ready: this.#sort(hashed, known), isEmpty: false };
    } catch (error) {
      for (const { key } of items) taken.release(key);
      throw error;
    }
  }

  /** What was being sent when the engine ended or was paused: whether it arrived. Answers whether there was any. */
  async #settleDoubts(server: string): Promise<boolean> {
    const { store, now } = this.#deps;
    const doubts = store.due('inDoubt', { now: now(), limit: ROUND_FILES });
    if (doubts.length === 0) return false;
    const known = await this.#ask(server, doubts.filter(isHashed));
    store.change(
      doubts.map((item): ItemChange => {
        const image = item.sha256 === null ? undefined : known.get(item.sha256);
        const isOwn = image !== undefined && item.id !== null && image.path.startsWith(item.id);
        // Not there, it goes again under its id: should it arrive after all, it is stored once.
        if (image === undefined || (item.isForced && !isOwn)) return { key: item.key, state: 'queued' };
        return { key: item.key, state: isOwn ? 'done' : 'present', image, failure: null, retryAt: null };
      }),
    );
    return true;
  }

  /** Answers those that are hashed and still wanted; the others are no longer in hand. */
  async #hash(items: readonly QueueItem[], signal: AbortSignal): Promise<readonly PreparedItem[]> {
    const { store, taken } = this.#deps;
    const unread = items.filter(({ sha256 }) => sha256 === null);
    if (unread.length === 0) return items.filter(isHashed);
    store.change(unread.map(({ key }) => ({ key, state: 'hashing' })));
    const outcomes = await this.#hashOrGiveBack(unread, signal);
    const changes = outcomes.map((outcome): ItemChange => {
      const { key } = outcome;
      if (outcome.kind === 'hashed') return { key, state: 'queued', sha256: outcome.sha256, ...outcome.stamp };
      return { key, state: 'failed', failure: { code: outcome.code, message: outcome.message } };
    });
    // Somebody may have cancelled or paused one meanwhile: that stands.
    store.change(changes.filter(({ key }) => store.item(key)?.state === 'hashing'));
    const prepared: PreparedItem[] = [];
    for (const { key } of items) {
      const item = store.item(key);
      if (item?.state === 'queued' && isHashed(item)) prepared.push(item);
      else taken.release(key);
    }
    return prepared;
  }

  async #hashOrGiveBack(unread: readonly QueueItem[], signal: AbortSignal): ReturnType<HashFiles> {
    try {
      return await this.#deps.hash(unread, signal);
    } catch (error) {
      const { store } = this.#deps;
      const reading = unread.filter(({ key }) => store.item(key)?.state === 'hashing');
      store.change(reading.map(({ key }) => ({ key, state: 'queued' })));
      throw error;
    }
  }

  async #ask(server: string, items: readonly PreparedItem[]): Promise<ReadonlyMap<string, ItemImage>> {
    const wanted = [
      ...new Set(items.filter(({ isForced, state }) => !isForced || state === 'inDoubt').map(({ sha256 }) => sha256)),
    ];
    if (wanted.length === 0) return new Map();
    const { images, clock } = await this.#deps.lookup(server, wanted);
    this.#deps.onClock(clock);
    return new Map(images.map(({ sha256, path, link }) => [sha256, { path, link }]));
  }

  /** Writes down what the fleet has; answers what has to go out. */
  #sort(items: readonly PreparedItem[], known: ReadonlyMap<string, ItemImage>): readonly PreparedItem[] {
    const { store, taken } = this.#deps;
    const present: ItemChange[] = [];
    const ready: PreparedItem[] = [];
    for (const item of items) {
      const image = item.isForced ? undefined : known.get(item.sha256);
      if (image === undefined) ready.push(item);
      else present.push({ key: item.key, state: 'present', image, failure: null, retryAt: null });
    }
    store.change(present.filter(({ key }) => store.item(key)?.state === 'queued'));
    for (const { key } of present) taken.release(key);
    return ready;
  }
}

function isHashed(item: QueueItem): item is PreparedItem {
  return item.sha256 !== null;
}
