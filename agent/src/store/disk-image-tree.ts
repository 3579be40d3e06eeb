import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError, errnoOf } from './disk/disk-error.ts';
import type { ImageTree, TreeFile } from './image-tree.ts';

/** Looks at the same time; the pool has sixteen threads, and uploads need them. */
const WIDTH = 4;

/** The image tree on a disk. Holds one name of a folder for each that is still to be walked, and no names of files. */
export class DiskImageTree implements ImageTree {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async *walk(): AsyncGenerator<string> {
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for await (const entry of await this.#open(folder)) {
        if (entry.name.startsWith('.')) continue;
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) folders.push(path);
        else if (entry.isFile()) yield path;
      }
    }
  }

  async look(paths: readonly string[]): Promise<readonly (TreeFile | undefined)[]> {
    const found: (TreeFile | undefined)[] = [];
    for (let start = 0; start < paths.length; start += WIDTH) {
      found.push(...(await Promise.all(paths.slice(start, start + WIDTH).map((path) => this.#lookAt(path)))));
    }
    return found;
  }

  async #open(folder: string) {
    try {
      return await opendir(join(this.#root, folder));
    } catch (error) {
      // Removed by somebody since its parent was read.
      if (errnoOf(error) === 'ENOENT') return [];
      throw diskError(error, `read the folder ${folder}`);
    }
  }

  async #lookAt(path: string): Promise<TreeFile | undefined> {
    try {
      const stat = await lstat(join(this.#root, path));
      return stat.isFile() ? { sizeBytes: stat.size, modifiedAt: stat.mtimeMs } : undefined;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      throw diskError(error, `look at ${path}`);
    }
  }
}
