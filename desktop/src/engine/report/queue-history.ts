import type { ItemState } from '#bridge/engine-words.ts';
import { UNSETTLED_STATES } from '#engine/queue/queue-item.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import { textMark } from './hash-mark.ts';
import { ImageNames } from './image-names.ts';
import { queuePages } from './queue-pages.ts';

/** What the queue tells of files that are about to be added. */
export interface QueueHistory {
  /** Files that were looked at. */
  readonly files: number;
  /** False: the queue is longer than what is kept of it in memory. */
  readonly isWhole: boolean;
  /** Names of the images that the queue brought to the fleet, or found there. */
  readonly names: ImageNames;
  /** Whether a file waits in the queue, so that adding it adds nothing. */
  isQueued(file: string): boolean;
}

/** Some 100 bytes each. */
export const MAX_KNOWN_FILES = 300_000;

const UNSETTLED: ReadonlySet<ItemState> = new Set(UNSETTLED_STATES);

/** Reads the queue once, by pages. Errors: those of the queue, and what `signal` was aborted with. */
export async function readQueueHistory(
  store: Pick<UploadQueueStore, 'page'>,
  { signal, maxFiles = MAX_KNOWN_FILES }: { readonly signal: AbortSignal; readonly maxFiles?: number },
): Promise<QueueHistory> {
  const names = new ImageNames(maxFiles);
  const queued = new Set<string>();
  let files = 0;
  let isWhole = true;
  for await (const items of queuePages(store, { signal })) {
    files += items.length;
    for (const { state, file, sha256 } of items) {
      if (UNSETTLED.has(state)) {
        if (queued.size < maxFiles) queued.add(textMark(file));
        else isWhole = false;
      } else if ((state === 'done' || state === 'present') && sha256 !== null) {
        names.add({ file, sha256 });
      }
    }
  }
  return { files, names, isWhole: isWhole && names.isWhole, isQueued: (file) => queued.has(textMark(file)) };
}
