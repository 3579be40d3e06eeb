import type { ItemState } from '#bridge/engine-words.ts';
import type { FileStamp, FoundFile, ItemChange, QueueCounts, QueueItem } from './queue-item.ts';

export interface ItemPage {
  readonly items: readonly QueueItem[];
  /** Key after which the next page begins; null after the last one. */
  readonly next: number | null;
}

/**
 * The durable queue. Every call that changes something is one transaction, which survives the end of the process at any
 * moment. Calls are synchronous and short: callers bring at most MAX_CHANGES at once, and let others have their turn.
 */
export interface UploadQueueStore {
  /** What was being sent when the process ended is in doubt, what was being read is queued again. Called once, at the start. */
  recover(): QueueCounts;
  /** A file that is in the queue in one of UNSETTLED_STATES is not added a second time. Answers how many were added. */
  add(files: readonly FoundFile[]): number;
  change(changes: readonly ItemChange[]): void;
  item(key: number): QueueItem | undefined;
  /** The first items in a state whose time has come, in the order of their keys, after a key. */
  due(
    state: ItemState,
    options: { readonly now: number; readonly limit: number; readonly after?: number },
  ): readonly QueueItem[];
  /** When the next item is due that still has to wait at `now`, milliseconds since the epoch; undefined without one. */
  nextDueAt(now: number): number | undefined;
  /** The id under which another file with these bytes was sent, and may lie in the fleet. */
  idOf(sha256: string): string | undefined;
  /** In the order of the keys; of one state, or of all. `skip`: so many behind `after` are left out before the first one. */
  page(options: {
    readonly state?: ItemState;
    readonly after?: number;
    readonly skip?: number;
    readonly limit: number;
  }): ItemPage;
  /** Kept with every change, so it costs the same however long the queue is. */
  counts(): QueueCounts;
  /** Rows that make no sense: nothing is done with them, they are in no page and no count but this one. */
  passedOver(): number;
  /**
   * Moves up to MAX_CHANGES items of one state to another and forgets when they were to be tried; answers how many. Those
   * that failed or were cancelled and go to `queued` lose hash and id after a failure of RENEWING_CODES, as by a retry one by one.
   */
  move(from: ItemState, to: ItemState): number;
  /** Up to MAX_CHANGES items of a state that wait for their next try wait no longer; answers how many. */
  retryNow(state: ItemState): number;
  /** Takes up to MAX_CHANGES items of a state out of the queue; answers how many. */
  remove(state: ItemState): number;
  /**
   * Takes the oldest files out that are done, present or cancelled, beyond `limit` of them all, up to MAX_CHANGES; answers
   * how many.
   */
  trimHistory(limit: number): number;
  /** The hash of a file that is the same as when it was read. */
  knownHash(file: string, stamp: FileStamp): string | undefined;
  keepHashes(hashes: readonly (FileStamp & { readonly file: string; readonly sha256: string })[]): void;
  close(): void;
}
