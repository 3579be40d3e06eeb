import type { PassReason } from '#bridge/engine-words.ts';
import { stat, type Stats } from 'node:fs';

/** What a look at a file told: what it is, or why that cannot be said. */
export type Look = { readonly stats: Stats } | { readonly stats: undefined; readonly reason: PassReason };

/**
 * Looks at files, and answers in the order in which they are given; at most `concurrency` at a time, because each look waits
 * for a disk or a network, and all looks together are most of the time of a scan. Throws only what `signal` was aborted with,
 * when those under way have ended.
 */
export async function statFiles(
  files: readonly string[],
  { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal },
): Promise<readonly Look[]> {
  const looks: Look[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < files.length && !signal.aborted; index = next++) {
      looks[index] = await look(files[index] ?? '');
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, files.length) }, work));
  signal.throwIfAborted();
  return looks;
}

/** By callback: a promise of Node's own costs twice as much, which counts at a hundred thousand of them. */
export function look(file: string): Promise<Look> {
  return new Promise((resolve) => {
    stat(file, (error, stats) => {
      resolve(error === null ? { stats } : { stats: undefined, reason: reasonOf(error, file) });
    });
  });
}

export function reasonOf(error: unknown, file: string): PassReason {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ELOOP') return 'loop';
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return 'unreadable';
  // Node puts U+FFFD for every byte that is no UTF-8; the name that it gives then leads nowhere.
  return file.includes('\uFFFD') || !file.isWellFormed() ? 'badName' : 'vanished';
}
