import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Windows refuses a rename while a virus scanner or an indexer has the target open; that passes within about a second. */
const BUSY_CODES: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EBUSY']);
const RETRY_DELAYS_MS: readonly number[] = [10, 20, 40, 80, 160, 320, 400];

/**
 * Writes a file so that at every instant, also after a power cut, either the old or the new content is there whole.
 * `mode` (octal, default 0o644) holds from the first byte on.
 */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const temporary = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const handle = await open(temporary, 'wx', options.mode ?? 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameWhenFree(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(file));
}

async function renameWhenFree(from: string, to: string): Promise<void> {
  const delaysMs = process.platform === 'win32' ? RETRY_DELAYS_MS : [];
  for (const delayMs of delaysMs) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && BUSY_CODES.has(String(error.code)))) throw error;
      await sleep(delayMs);
    }
  }
  await rename(from, to);
}

/** Makes names in a directory survive a power cut. Windows has no such call and needs none. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
