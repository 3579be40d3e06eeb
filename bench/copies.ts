import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256OfFile } from '@imagefleet/shared/node/file-hash.ts';
import type { SetImage } from './image-set.ts';

const POLL_MS = 20;

/** Waits until each folder holds `count` images. Answers false when the limit is over. */
export async function untilCopied(folders: readonly string[], count: number, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (const folder of folders) {
    while ((await listImages(folder)).length < count) {
      if (performance.now() > deadline) return false;
      await sleep(POLL_MS);
    }
  }
  return true;
}

/** Hashes every image in `folder` and tells how it differs from the set; undefined when it does not. */
export async function difference(folder: string, images: readonly SetImage[]): Promise<string | undefined> {
  const wanted = images.map((image) => image.sha256).sort();
  const found: string[] = [];
  for (const file of await listImages(folder)) found.push(await sha256OfFile(file));
  found.sort();
  if (found.length !== wanted.length)
    return `${folder}: ${String(found.length)} images instead of ${String(wanted.length)}`;
  return found.every((hash, index) => hash === wanted[index]) ? undefined : `${folder}: the bytes differ`;
}

/** Whatever is no image (the identity of the folder, for one) starts with a dot. */
async function listImages(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name));
}
