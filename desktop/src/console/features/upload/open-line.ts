import { failureOf } from './failure-of.ts';
import { Fifo } from './fifo.ts';
import type { ItemTable } from './item-table.ts';
import type { QueuePorts } from './queue-ports.ts';
import type { UploadItem } from './upload-item.ts';

/** Files of one round. */
const ROUND_FILES = 16;

interface Options {
  readonly table: ItemTable;
  readonly nextTurn: QueuePorts['nextTurn'];
  readonly onOpened: (key: number) => void;
}

/**
 * Files of folders, of which only the names are known, are opened in their order. In rounds, between which the page gets
 * its turn: Chromium handles all answers that have come, and those to what is asked meanwhile, in one go, and with
 * thousands of files the window would stand still for that long.
 */
export class OpenLine {
  readonly #options: Options;
  readonly #waiting = new Fifo<number>();
  #isOpening = false;

  constructor(options: Options) {
    this.#options = options;
  }

  push(key: number): void {
    this.#waiting.push(key);
  }

  pump(): void {
    if (!this.#isOpening && this.#waiting.length > 0) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isOpening = true;
    while (this.#waiting.length > 0) {
      const round: Promise<void>[] = [];
      while (this.#waiting.length > 0 && round.length < ROUND_FILES) {
        const item = this.#options.table.get(this.#waiting.shift() ?? -1);
        if (item?.state === 'queued' && item.file === null) round.push(this.#open(item));
      }
      await Promise.all(round);
      await this.#options.nextTurn();
    }
    this.#isOpening = false;
  }

  async #open({ key, open }: UploadItem): Promise<void> {
    const { table, onOpened } = this.#options;
    try {
      const file = await open?.();
      if (file === undefined) return;
      table.patch(key, { file, sizeBytes: file.size });
      onOpened(key);
    } catch (error) {
      // Unless it was cancelled meanwhile.
      if (table.get(key)?.state !== 'queued') return;
      table.patch(key, { state: 'failed', failure: { ...failureOf(error), code: 'FILE_UNREADABLE' } });
    }
  }
}
