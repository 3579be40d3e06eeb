import type { UploadQueue } from './upload-queue.ts';

/** What the queue has to do with the window around it, until it ends: closing asks first, a line that is back wakes it. */
export function tieToPage(queue: Pick<UploadQueue, 'ended' | 'hasWork' | 'wake'>, page: EventTarget): void {
  const { ended: signal } = queue;
  const ask = (event: Event): void => {
    if (queue.hasWork) event.preventDefault();
  };
  page.addEventListener('beforeunload', ask, { signal });
  // The browser knows at once when the line is back.
  page.addEventListener('online', () => queue.wake(), { signal });
}
