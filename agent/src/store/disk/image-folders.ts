import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DirectorySync } from './directory-sync.ts';
import { errnoOf } from './disk-error.ts';

/** More folders than a day of uploads touches; when it is full it starts over, which only costs a few system calls. */
const MAX_KNOWN_FOLDERS = 10_000;

/**
 * Makes the folders of the image tree. A folder is known once its own name is synced in its parent: also one that was
 * there before, because the process that made it may have died between mkdir and fsync.
 */
export class ImageFolders {
  readonly #root: string;
  readonly #directories: DirectorySync;
  readonly #known = new Map<string, Promise<void>>();

  constructor(root: string, directories: DirectorySync) {
    this.#root = root;
    this.#directories = directories;
  }

  /** Returns when `folder`, which lies inside the root, exists and survives a power cut. */
  ensure(folder: string): Promise<void> {
    if (folder === this.#root) return Promise.resolve();
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN_FOLDERS) this.#known.clear();
    const made = this.#make(folder);
    this.#known.set(folder, made);
    made.catch(() => this.#known.delete(folder));
    return made;
  }

  /** The folder turned out to be missing: somebody removed it from outside. */
  forget(folder: string): void {
    for (let at = folder; at !== this.#root && at !== dirname(at); at = dirname(at)) this.#known.delete(at);
  }

  async #make(folder: string): Promise<void> {
    const parent = dirname(folder);
    await this.ensure(parent);
    try {
      await mkdir(folder);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    await this.#directories.sync(parent);
  }
}
