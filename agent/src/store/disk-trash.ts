import { lstat, opendir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError, errnoOf } from './disk/disk-error.ts';
import { instantOfTrashName, type Trash } from './trash.ts';

/** Files that are looked at in one part. */
const PART_FILES = 200;

/** The trash as a folder. */
export class DiskTrash implements Trash {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async *empty(keptBefore: number): AsyncGenerator<number> {
    try {
      let looked = 0;
      let deleted = 0;
      for await (const entry of await opendir(this.#folder)) {
        const instant = entry.isFile() ? instantOfTrashName(entry.name) : undefined;
        if (instant !== undefined && instant < keptBefore && (await this.#deleteOld(entry.name, keptBefore))) {
          deleted += 1;
        }
        looked += 1;
        if (looked % PART_FILES > 0) continue;
        yield deleted;
        deleted = 0;
      }
      yield deleted;
    } catch (error) {
      throw diskError(error, `empty ${this.#folder}`);
    }
  }

  /**
   * The age counts from ctime, the last change of the file's names: it was linked into the trash and then lost its path.
   * mtime and the version in the name tell when the bytes were uploaded, which may be years before they were replaced.
   * What else changes ctime (another owner, a restored backup) makes a file younger, so that it only stays longer.
   */
  async #deleteOld(name: string, keptBefore: number): Promise<boolean> {
    const file = join(this.#folder, name);
    try {
      const { ctimeMs } = await lstat(file);
      if (ctimeMs >= keptBefore) return false;
      await unlink(file);
      return true;
    } catch (error) {
      // Somebody else was faster.
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    }
  }
}
