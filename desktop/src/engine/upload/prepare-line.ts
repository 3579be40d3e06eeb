import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { ItemEvent } from '#engine/queue/item-step.ts';
import type { ItemImage, QueueItem } from '#engine/queue/queue-item.ts';
import { stepItems } from '#engine/queue/queue-steps.ts';
import type { HashFiles, HashOutcome, Lookup, PreparedItem } from '#engine/queue/upload-ports.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import { untilAborted } from '#engine/report/until-aborted.ts';
import type { TakenItems } from './taken-items.ts';

/** Files of one round: one look-up, and a few transactions which are short enough to let the event loop have its turns. */
export const ROUND_FILES = 64;
const PAGE = 2 * ROUND_FILES;
/** Of large files fewer: the first of them goes out before all are read. */
const ROUND_BYTES = 64 * 1024 * 1024;

interface Deps {
  readonly store: UploadQueueStore;
  readonly taken: TakenItems;
  readonly hash: HashFiles;
  readonly lookup: Lookup;
  readonly now: () => number;
  /** What a server told of its clock. */
  readonly onClock: (clock: OperatorOutput<'lookupImages'>['clock']) => void;
}

/** A server did not answer what it has: nothing else that can fail in a round is about a server. */
export class LookupError extends Error {
  readonly error: FleetError;

  constructor(error: FleetError) {
    super(error.message, { cause: error });
    this.error = error;
  }
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

  /** One round. Fails with LookupError, the queue's error, or the signal's reason; then nothing is in hand of what it took. */
  async round(server: string, signal: AbortSignal): Promise<Prepared> {
    const { taken } = this.#deps;
    if (await this.#settleDoubts(server, signal)) return { ready: [], isEmpty: false };
    const items = firstBytes(this.#next());
    if (items.length === 0) return { ready: [], isEmpty: true };
    taken.take(items);
    try {
      const hashed = await this.#hash(items, signal);
      const known = await this.#ask(server, hashed, signal);
      return { ready: this.#sort(hashed, known), isEmpty: false };
    } catch (error) {
      for (const { key } of items) taken.release(key);
      throw error;
    }
  }

  /** The first that are due and not in hand. Those that are in hand mostly come before them. */
  #next(): readonly QueueItem[] {
    const { store, taken, now } = this.#deps;
    const items: QueueItem[] = [];
    for (let after = 0; items.length < ROUND_FILES;) {
      const due = store.due('queued', { now: now(), limit: PAGE, after });
      items.push(...due.filter(({ key }) => !taken.has(key)));
      if (due.length < PAGE) break;
      after = due.at(-1)?.key ?? 0;
    }
    return items.slice(0, ROUND_FILES);
  }

  /** What was being sent when the engine ended or was paused: whether it arrived. Answers whether there was any. */
  async #settleDoubts(server: string, signal: AbortSignal): Promise<boolean> {
    const { store, now } = this.#deps;
    const doubts = store.due('inDoubt', { now: now(), limit: ROUND_FILES });
    if (doubts.length === 0) return false;
    const known = await this.#ask(server, doubts.filter(isHashed), signal);
    stepItems(
      store,
      doubts.map((item) => [item.key, { kind: 'doubtSettled', image: imageOf(item, known) }]),
    );
    return true;
  }

  /** Answers those that are hashed and still wanted; the others are no longer in hand. */
  async #hash(items: readonly QueueItem[], signal: AbortSignal): Promise<readonly PreparedItem[]> {
    const { store, taken } = this.#deps;
    const unread = items.filter(({ sha256 }) => sha256 === null);
    if (unread.length > 0) await this.#read(unread, signal);
    const prepared: PreparedItem[] = [];
    for (const { key } of items) {
      const item = store.item(key);
      if (item?.state === 'queued' && isHashed(item)) prepared.push(item);
      else taken.release(key);
    }
    return prepared;
  }

  async #read(unread: readonly QueueItem[], signal: AbortSignal): Promise<void> {
    const { store, hash } = this.#deps;
    const hashing = stepItems(
      store,
      unread.map(({ key }) => [key, { kind: 'hashStarted' }]),
    ).filter(({ state }) => state === 'hashing');
    try {
      const outcomes = await hash(hashing, signal);
      stepItems(
        store,
        outcomes.map((outcome) => [outcome.key, eventOf(outcome)]),
      );
    } catch (error) {
      stepItems(
        store,
        hashing.map(({ key }) => [key, { kind: 'reopened' }]),
      );
      throw error;
    }
  }

  async #ask(
    server: string,
    items: readonly PreparedItem[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ItemImage>> {
    const wanted = items.filter(({ isForced, state }) => !isForced || state === 'inDoubt');
    const sha256 = [...new Set(wanted.map((item) => item.sha256))];
    signal.throwIfAborted();
    if (sha256.length === 0) return new Map();
    const { images, clock } = await this.#lookup(server, sha256, signal);
    this.#deps.onClock(clock);
    return new Map(images.map(({ sha256: hash, path, link }) => [hash, { path, link }]));
  }

  async #lookup(server: string, sha256: readonly string[], signal: AbortSignal): ReturnType<Lookup> {
    try {
      return await untilAborted(this.#deps.lookup(server, sha256), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof FleetError ? new LookupError(error) : error;
    }
  }

  /** Writes down what the fleet has; answers what has to go out. */
  #sort(items: readonly PreparedItem[], known: ReadonlyMap<string, ItemImage>): readonly PreparedItem[] {
    const { store, taken } = this.#deps;
    const ready: PreparedItem[] = [];
    const present: (readonly [number, ItemEvent])[] = [];
    for (const item of items) {
      const image = item.isForced ? undefined : known.get(item.sha256);
      if (image === undefined) ready.push(item);
      else present.push([item.key, { kind: 'present', image }]);
    }
    stepItems(store, present);
    for (const [key] of present) taken.release(key);
    return ready;
  }
}

function eventOf(outcome: HashOutcome): ItemEvent {
  if (outcome.kind === 'failed') return { kind: 'fileFailed', code: outcome.code, message: outcome.message };
  return { kind: 'hashed', sha256: outcome.sha256, stamp: outcome.stamp };
}

/** Of a file that is sent although the fleet has its bytes only its own image counts. */
function imageOf({ sha256, id, isForced }: QueueItem, known: ReadonlyMap<string, ItemImage>): ItemImage | null {
  const image = sha256 === null ? undefined : known.get(sha256);
  if (image === undefined) return null;
  const isOwn = id !== null && image.path.startsWith(id);
  return isForced && !isOwn ? null : image;
}

function isHashed(item: QueueItem): item is PreparedItem {
  return item.sha256 !== null;
}

function firstBytes(items: readonly QueueItem[]): readonly QueueItem[] {
  let bytes = 0;
  const end = items.findIndex(({ sizeBytes }) => (bytes += sizeBytes) > ROUND_BYTES);
  return end === -1 ? items : items.slice(0, Math.max(1, end));
}
