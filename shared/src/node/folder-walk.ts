import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';

const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set(
  '.jpg .jpeg .jpe .jfif .png .gif .webp .bmp .avif .heic .heif .tif .tiff .ico .svg'.split(' '),
);
/** Left behind by file managers; nobody means to upload them, so they are not even counted. */
const SYSTEM_FILES: ReadonlySet<string> = new Set(['thumbs.db', 'desktop.ini', '.ds_store', 'ehthumbs.db']);
const MAX_DEPTH = 64;

export type SkipReason = 'notImage' | 'unreadable' | 'notFile' | 'tooDeep' | 'missing';

export type WalkEntry =
  | { readonly kind: 'file'; readonly file: string; readonly sizeBytes: number }
  | { readonly kind: 'skipped'; readonly file: string; readonly reason: SkipReason };

/**
 * Every file with an image extension at or below `roots`, in an order that is the same on every run: by code unit within
 * each folder. Symbolic links are followed, each real folder is entered once. A root that is itself a file is taken
 * whatever it is called: somebody named it. Hidden files are passed over.
 */
export async function* walkImages(roots: readonly string[]): AsyncGenerator<WalkEntry> {
  const entered = new Set<string>();
  for (const root of roots) {
    const found = await statOf(root);
    if (found === undefined) yield { kind: 'skipped', file: root, reason: 'missing' };
    else if (found.isDirectory()) yield* walkFolder(root, entered, 0);
    else if (found.isFile()) yield { kind: 'file', file: root, sizeBytes: found.size };
    else yield { kind: 'skipped', file: root, reason: 'notFile' };
  }
}

async function* walkFolder(folder: string, entered: Set<string>, depth: number): AsyncGenerator<WalkEntry> {
  let entries: Dirent[];
  try {
    const real = await realpath(folder);
    if (entered.has(real)) return;
    entered.add(real);
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    // The reason reaches the operator as part of the summary; one folder must not end a run over thousands.
    yield { kind: 'skipped', file: folder, reason: 'unreadable' };
    return;
  }
  if (depth > MAX_DEPTH) {
    yield { kind: 'skipped', file: folder, reason: 'tooDeep' };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const entry of entries) {
    if (isHiddenName(entry.name)) continue;
    const file = join(folder, entry.name);
    if (entry.isDirectory()) yield* walkFolder(file, entered, depth + 1);
    else yield* walkFile(file, entered, depth);
  }
}

async function* walkFile(file: string, entered: Set<string>, depth: number): AsyncGenerator<WalkEntry> {
  const found = await statOf(file);
  if (found?.isDirectory() === true) {
    yield* walkFolder(file, entered, depth + 1);
  } else if (!hasImageExtension(file)) {
    yield { kind: 'skipped', file, reason: 'notImage' };
  } else if (found === undefined) {
    yield { kind: 'skipped', file, reason: 'unreadable' };
  } else if (!found.isFile()) {
    yield { kind: 'skipped', file, reason: 'notFile' };
  } else {
    yield { kind: 'file', file, sizeBytes: found.size };
  }
}

/** Undefined when it cannot be looked at: gone, a link to nowhere, no right. */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}

/** Whether a file calls itself an image; what it is, its bytes tell. */
export function hasImageExtension(file: string): boolean {
  return IMAGE_EXTENSIONS.has(extname(file).toLowerCase());
}

/** Names that every walk passes over in silence. */
export function isHiddenName(name: string): boolean {
  return basename(name).startsWith('.') || SYSTEM_FILES.has(name.toLowerCase());
}
