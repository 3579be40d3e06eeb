import { MAX_CHANGES, type ItemState } from '#bridge/engine-words.ts';
import { HISTORY_STATES, OPEN_STATES } from './queue-item.ts';
import { type UploadQueueStore } from './upload-queue-store.ts';

/** All files of one state; answers how many. */
export function moveAll(store: UploadQueueStore, from: ItemState, to: ItemState): Promise<number> {
  return repeated(() => store.move(from, to));
}

/** Everything that is not in the fleet yet is given up; what failed stays in sight. */
export async function cancelAll(store: UploadQueueStore): Promise<void> {
  for (let moved = 1; moved > 0;) {
    moved = 0;
    // Meanwhile a file may go on from one state to another that was looked at already.
    for (const state of [...OPEN_STATES, 'paused'] as const) moved += await moveAll(store, state, 'cancelled');
  }
}

/** What waits for its next try is tried as soon as somebody looks. */
export async function retryWaiting(store: UploadQueueStore): Promise<void> {
  for (const state of ['queued', 'inDoubt'] as const) await repeated(() => store.retryNow(state));
}

/** Takes the oldest files out of the list that are done with, beyond so many. */
export async function trimHistory(store: UploadQueueStore, limit: number): Promise<void> {
  await repeated(() => store.trimHistory(limit));
}

/** Takes out of the list what is done with; answers how many. */
export async function clearHistory(store: UploadQueueStore): Promise<number> {
  let removed = 0;
  for (const state of HISTORY_STATES) removed += await repeated(() => store.remove(state));
  return removed;
}

/** A transaction at a time, so that the rest of the program has its turns. */
async function repeated(change: () => number): Promise<number> {
  for (let total = 0; ;) {
    const changed = change();
    total += changed;
    if (changed < MAX_CHANGES) return total;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
