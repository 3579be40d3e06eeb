import type { PassReason } from '#bridge/engine-words.ts';
import type { Dirent } from 'node:fs';
import { opendir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isHiddenName } from '@imagefleet/shared/node/folder-walk.ts';
import { SortedParts } from './sorted-parts.ts';
import { reasonOf } from './stat-files.ts';

/** A place below a root, under its three names. */
export interface Place {
  /** Absolute. */
  readonly file: string;
  /** From the root's own name on, by forward slashes. */
  readonly path: string;
  /** Without the root's name; empty for the root itself. */
  readonly below: string;
}

/** A folder that is still to be read. */
export interface Folder extends Place {
  readonly within: EnteredFolder | undefined;
}

/** Folders that were entered on the way to where we are. */
export interface EnteredFolder {
  readonly real: string;
  readonly depth: number;
  readonly within: EnteredFolder | undefined;
}

export type Reading =
  | { readonly reason: PassReason }
  | { readonly reason: undefined; readonly self: EnteredFolder; readonly entries: Iterable<Entry> };

export interface Entry extends Place {
  readonly kind: 'folder' | 'file' | 'link' | 'other';
}

/** What is kept of an entry until its turn comes: a folder may have very many. */
type Found = Pick<Entry, 'kind'> & { readonly name: string };

const READ_AT_ONCE = 500;
/** Beyond it lies no collection of images, but a mistake. */
const MAX_DEPTH = 64;

/** What is in a folder, by code unit and once, without what is hidden; or why it is not entered. `entered` has the real folders so far. */
export async function readFolder(folder: Folder, entered: Set<string>): Promise<Reading> {
  const depth = folder.within === undefined ? 0 : folder.within.depth + 1;
  if (depth > MAX_DEPTH) return { reason: 'tooDeep' };
  try {
    const real = await realpath(folder.file);
    if (liesWithin(real, folder.within)) return { reason: 'loop' };
    if (entered.has(real)) return { reason: 'entered' };
    entered.add(real);
    const found = new SortedParts<Found>();
    // Not readdir: it makes an object of each entry before the event loop has its next turn.
    for await (const entry of await opendir(folder.file, { bufferSize: READ_AT_ONCE })) {
      if (!isHiddenName(entry.name)) found.add({ name: entry.name, kind: kindOf(entry) });
    }
    return { reason: undefined, self: { real, depth, within: folder.within }, entries: entriesOf(folder, found) };
  } catch (error) {
    return { reason: reasonOf(error, folder.file) };
  }
}

function liesWithin(real: string, within: EnteredFolder | undefined): boolean {
  for (let above = within; above !== undefined; above = above.within) if (above.real === real) return true;
  return false;
}

/** Made as they are asked for. */
function* entriesOf({ file, path, below }: Folder, found: SortedParts<Found>): Generator<Entry, void, undefined> {
  for (const { name, kind } of found.sorted()) {
    yield { file: join(file, name), path: joined(path, name), below: joined(below, name), kind };
  }
}

/** The root of a disk has no name, and nothing is before what lies in a root. */
function joined(before: string, name: string): string {
  return before === '' ? name : `${before}/${name}`;
}

function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile()) return 'file';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
