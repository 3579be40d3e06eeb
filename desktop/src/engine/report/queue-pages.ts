import type { ItemState } from '#bridge/engine-words.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { QueueItem } from '#engine/queue/queue-item.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';

/** So few that reading them holds up the event loop for some milliseconds only. */
const PAGE_ITEMS = 500;

/**
 * The items of the queue, of one state or all, in the order in which they were added: a page at a time, and between two
 * pages everybody else has a turn. An item that changes meanwhile is told as it is when its page is read. Errors: those of
 * the queue, and what `signal` was aborted with.
 */
export async function* queuePages(
  store: Pick<UploadQueueStore, 'page'>,
  { state, signal }: { readonly state?: ItemState; readonly signal: AbortSignal },
): AsyncGenerator<readonly QueueItem[], void, undefined> {
  let after: number | null = 0;
  while (after !== null) {
    signal.throwIfAborted();
    const { items, next } = store.page({ after, limit: PAGE_ITEMS, ...(state !== undefined && { state }) });
    yield items;
    after = next;
    await nextTurn();
  }
}
