import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isHiddenName } from '@imagefleet/shared/node/folder-walk.ts';
import { reasonOf } from './stat-files.ts';
import type { PassReason } from './scan-output.ts';

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
  | { readonly reason: undefined; readonly self: EnteredFolder; readonly entries: readonly Entry[] };

export interface Entry extends Place {
  readonly kind: 'folder' | 'file' | 'link' | 'other';
}

/** Beyond it lies no collection of images, but a mistake. */
const MAX_DEPTH = 64;

/** What is in a folder, by code unit, without what is hidden; or why it is not entered. `entered` has the real folders so far. */
export async function readFolder(folder: Folder, entered: Set<string>): Promise<Reading> {
  const depth = folder.within === undefined ? 0 : folder.within.depth + 1;
  if (depth > MAX_DEPTH) return { reason: 'tooDeep' };
  try {
    const real = await realpath(folder.file);
    if (liesWithin(real, folder.within)) return { reason: 'loop' };
    if (entered.has(real)) return { reason: 'entered' };
    entered.add(real);
    const entries = await readdir(folder.file, { withFileTypes: true });
    return { reason: undefined, self: { real, depth, within: folder.within }, entries: entriesOf(folder, entries) };
  } catch (error) {
    return { reason: reasonOf(error, folder.file) };
  }
}

function liesWithin(real: string, within: EnteredFolder | undefined): boolean {
  for (let above = within; above !== undefined; above = above.within) if (above.real === real) return true;
  return false;
}

function entriesOf({ file, path, below }: Folder, entries: readonly Dirent[]): readonly Entry[] {
  return entries
    .filter(({ name }) => !isHiddenName(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => ({
      file: join(file, entry.name),
      path: joined(path, entry.name),
      below: joined(below, entry.name),
      kind: kindOf(entry),
    }));
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
