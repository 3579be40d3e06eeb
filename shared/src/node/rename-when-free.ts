import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Windows refuses a rename while a virus scanner or an indexer has the file open; that passes within about a second. */
const BUSY_CODES: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EBUSY']);
const RETRY_DELAYS_MS: readonly number[] = [10, 20, 40, 80, 160, 320, 400];

/** Renames, on Windows again and again for about a second while somebody has the file open. */
export function renameWhenFree(from: string, to: string): Promise<void> {
  return onceFree(() => rename(from, to), process.platform);
}

/** The same for any work that ends in a rename. Elsewhere such a refusal is for good: nothing is tried again. */
export async function onceFree<T>(work: () => Promise<T>, platform: NodeJS.Platform): Promise<T> {
  for (const delayMs of platform === 'win32' ? RETRY_DELAYS_MS : []) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && BUSY_CODES.has(String(error.code)))) throw error;
      await sleep(delayMs);
    }
  }
  return work();
}
