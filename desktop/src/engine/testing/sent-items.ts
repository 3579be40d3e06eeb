import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SentItem } from '#engine/queue/upload-ports.ts';

let lastKey = 0;

/** An item that is about to be sent; each has a key and an id of its own. */
export function sentItem(given: Partial<SentItem> = {}): SentItem {
  lastKey += 1;
  const key = given.key ?? lastKey;
  return {
    ...{ key, file: `/photos/${String(key)}.png`, path: `${String(key)}.png` },
    ...{ state: 'uploading', sizeBytes: 1000, mtimeMs: 1_700_000_000_000, inode: key, sha256: 'a'.repeat(64) },
    id: `2026/3/9/5310bcaf-0f8a-45c5-9a61-${String(key).padStart(12, '0')}`,
    ...{ attempts: 0, retryAt: null, failure: null, image: null, isForced: false },
    ...given,
  };
}

/** Writes a file, and answers it as the queue knows it once it was read. */
export async function sentFile(dir: string, name: string, content: string | Uint8Array): Promise<SentItem> {
  const file = join(dir, name);
  await writeFile(file, content);
  return sentItem({
    ...(await stampOf(file)),
    ...{ file, path: basename(file), sha256: createHash('sha256').update(content).digest('hex') },
  });
}

/** As `stat` sees a file now. */
export async function stampOf(file: string): Promise<Pick<SentItem, 'sizeBytes' | 'mtimeMs' | 'inode'>> {
  const { size, mtimeMs, ino } = await stat(file);
  return { sizeBytes: size, mtimeMs, inode: ino };
}
