import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Tells when a name in a folder may stand for another file. It watches the folder, since a watch on the file itself sees
 * only the old one once another is renamed over it. Keeps no process alive and never fails: where a system cannot watch,
 * or says nothing as network disks do, whoever uses it must look by itself now and then.
 */
export class FolderWatch {
  readonly #folder: string;
  readonly #names: ReadonlySet<string>;
  readonly #onEvent: () => void;
  #watcher: FSWatcher | null = null;
  #watched: string | null = null;
  #isClosed = false;

  constructor(folder: string, names: readonly string[], onEvent: () => void) {
    this.#folder = folder;
    this.#names = new Set(names);
    this.#onEvent = onEvent;
  }

  /** Begins to watch where it does not: at first, after a failure, and when the folder was replaced by another one. */
  async ensure(): Promise<void> {
    const found = await stat(this.#folder, { bigint: true }).catch(() => null);
    const identity = found === null ? null : `${String(found.dev)} ${String(found.ino)}`;
    if (this.#isClosed || (identity !== null && identity === this.#watched)) return;
    this.#drop();
    if (identity !== null) this.#begin(identity);
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #begin(identity: string): void {
    try {
      const watcher = watch(this.#folder, { persistent: false }, (_, name) => {
        if (name === null || this.#names.has(name)) this.#onEvent();
      });
      watcher.on('error', () => {
        if (this.#watcher === watcher) this.#drop();
      });
      this.#watcher = watcher;
      this.#watched = identity;
    } catch {
      // No watch to be had, such as when the system's number of them is used up: looking by itself goes on.
      this.#drop();
    }
  }

  #drop(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#watched = null;
  }
}
