import { stepItem, type ItemEvent } from './item-step.ts';
import type { ItemChange, QueueItem } from './queue-item.ts';
import type { UploadQueueStore } from './upload-queue-store.ts';

/** Tells items of the queue what happened to them, in one transaction. Answers each as it is then; those that are gone are left out. */
export function stepItems(
  store: UploadQueueStore,
  events: Iterable<readonly [key: number, event: ItemEvent]>,
): readonly QueueItem[] {
  const changes: ItemChange[] = [];
  const items: QueueItem[] = [];
  for (const [key, event] of events) {
    // As it stands now: somebody may have paused or cancelled it since it was taken.
    const item = store.item(key);
    if (item === undefined) continue;
    const change = stepItem(item, event);
    if (change !== undefined) changes.push(change);
    items.push(change === undefined ? item : { ...item, ...change });
  }
  if (changes.length > 0) store.change(changes);
  return items;
}
