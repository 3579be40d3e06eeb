import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openUploadQueue } from '../queue/open-upload-queue.ts';
import type { FoundFile, QueueItem } from '../queue/queue-item.ts';
import type { SqliteUploadQueue } from '../queue/sqlite-upload-queue.ts';
import { tempFolder } from './temp-folder.ts';

export const SHA = 'ab'.repeat(32);
export const OTHER_SHA = 'cd'.repeat(32);
export const IMAGE = { path: '2026/3/9/a.png', link: 'http://i/2026/3/9/a.png' };

export function foundFile(number: number, more: Partial<FoundFile> = {}): FoundFile {
  const path = `album/${String(number)}.png`;
  return {
    file: `/photos/${path}`,
    path,
    sizeBytes: 1000 + number,
    mtimeMs: 1.7e12 + number + 0.25,
    inode: number,
    ...more,
  };
}

export function foundFiles(count: number): readonly FoundFile[] {
  return Array.from({ length: count }, (_unused, index) => foundFile(index + 1));
}

export function queueItem(more: Partial<QueueItem> = {}): QueueItem {
  const nothing = { sha256: null, id: null, retryAt: null, failure: null, image: null };
  return { ...foundFile(1), key: 1, state: 'queued', attempts: 0, isForced: false, ...nothing, ...more };
}

export interface QueueOnDisk {
  readonly file: string;
  readonly queue: SqliteUploadQueue;
  /** As after the end of the process: opened again, not recovered yet. */
  readonly reopen: () => SqliteUploadQueue;
  /** Works on the file by hand; the queue is closed before. */
  readonly byHand: (work: (database: DatabaseSync) => void) => void;
  readonly close: () => void;
}

/** An empty queue in a folder of its own. Both go when the test ends. */
export function queueOnDisk(): QueueOnDisk {
  const file = join(tempFolder(), 'queue.sqlite');
  let open: SqliteUploadQueue | undefined = openUploadQueue(file, 0).queue;
  const close = (): void => {
    open?.close();
    open = undefined;
  };
  onTestFinished(close);
  return {
    file,
    queue: open,
    close,
    reopen: () => {
      close();
      return (open = openUploadQueue(file, 0).queue);
    },
    byHand: (work) => {
      close();
      const database = new DatabaseSync(file);
      work(database);
      database.close();
    },
  };
}
