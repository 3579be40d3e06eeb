import { failureOf } from './failure-of.ts';
import { Fifo } from './fifo.ts';
import type { ItemTable } from './item-table.ts';
import type { OpenFile } from './upload-item.ts';

/** Files that are opened at once: each one is a question to another process of the browser. */
const MAX_OPENING = 50;

interface Options {
  readonly table: ItemTable;
  readonly onOpened: (key: number) => void;
}

/** Files of folders, of which only the names are known, are opened in their order. */
export class OpenLine {
  readonly #options: Options;
  readonly #waiting = new Fifo<number>();
  #opening = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  push(key: number): void {
    this.#waiting.push(key);
  }

  pump(): void {
    while (this.#opening < MAX_OPENING) {
      const key = this.#waiting.shift();
      if (key === undefined) return;
      const item = this.#options.table.get(key);
      if (item?.state === 'queued' && item.file === null && item.open !== null) void this.#run(key, item.open);
    }
  }

  async #run(key: number, open: OpenFile): Promise<void> {
    const { table, onOpened } = this.#options;
    this.#opening += 1;
    try {
      const file = await open();
      table.patch(key, { file, sizeBytes: file.size });
      onOpened(key);
    } catch (error) {
      // Unless it was cancelled meanwhile.
      if (table.get(key)?.state !== 'queued') return;
      table.patch(key, { state: 'failed', failure: { ...failureOf(error), code: 'FILE_UNREADABLE' } });
    } finally {
      this.#opening -= 1;
      this.pump();
    }
  }
}
