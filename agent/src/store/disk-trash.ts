import { lstat, opendir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { diskError, errnoOf } from './disk/disk-error.ts';
import { instantOfTrashName, type EmptiedPart, type Trash } from './trash.ts';

/** Files that are looked at in one part. */
const PART_FILES = 200;

/** The trash as a folder. */
export class DiskTrash implements Trash {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async *empty(keptBefore: number): AsyncGenerator<EmptiedPart> {
    try {
      let looked = 0;
      let deleted = 0;
      let failures: FleetError[] = [];
      for await (const entry of await opendir(this.#folder)) {
        const instant = entry.isFile() ? instantOfTrashName(entry.name) : undefined;
        if (instant !== undefined && instant < keptBefore) {
          const outcome = await this.#deleteOld(entry.name, keptBefore);
          if (outcome === 'deleted') deleted += 1;
          else if (outcome !== 'kept') failures.push(outcome);
        }
        looked += 1;
        if (looked % PART_FILES > 0) continue;
        yield { deleted, failures };
        deleted = 0;
        failures = [];
      }
      yield { deleted, failures };
    } catch (error) {
      throw diskError(error, `empty ${this.#folder}`);
    }
  }

  /**
   * The age counts from ctime, the last change of the file's names: it was linked into the trash and then lost its path.
   * mtime and the version in the name tell when the bytes were uploaded, which may be years before they were replaced.
   * What else changes ctime (another owner, a restored backup) makes a file younger, so that it only stays longer.
   */
  async #deleteOld(name: string, keptBefore: number): Promise<'deleted' | 'kept' | FleetError> {
    const file = join(this.#folder, name);
    try {
      const { ctimeMs } = await lstat(file);
      if (ctimeMs >= keptBefore) return 'kept';
      await unlink(file);
      return 'deleted';
    } catch (error) {
      // Somebody else was faster.
      if (errnoOf(error) === 'ENOENT') return 'kept';
      return diskError(error, `delete ${file}`);
    }
  }
}
