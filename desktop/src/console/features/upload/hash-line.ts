import { failureOf } from './failure-of.ts';
import { Fifo } from './fifo.ts';
import type { ItemTable } from './item-table.ts';
import type { QueuePorts } from './queue-ports.ts';

interface Options {
  readonly table: ItemTable;
  readonly hash: QueuePorts['hash'];
  readonly isPaused: () => boolean;
  readonly onHashed: (key: number) => void;
}

/** Files that wait for their fingerprint, one after the other: a second reader would only make the disk seek. */
export class HashLine {
  readonly #options: Options;
  readonly #waiting = new Fifo<number>();
  #current: { readonly key: number; readonly controller: AbortController } | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  push(key: number): void {
    this.#waiting.push(key);
  }

  /** The file is not wanted any more; its state says so already. */
  stop(key: number): void {
    if (this.#current?.key === key) this.#current.controller.abort();
  }

  pump(): void {
    while (this.#current === null && !this.#options.isPaused()) {
      const key = this.#waiting.shift();
      if (key === undefined) return;
      const item = this.#options.table.get(key);
      if (item?.state === 'queued' && item.sha256 === null && item.file !== null) void this.#run(key, item.file);
    }
  }

  async #run(key: number, file: File): Promise<void> {
    const { table, hash, onHashed } = this.#options;
    const controller = new AbortController();
    this.#current = { key, controller };
    table.patch(key, { state: 'hashing' });
    try {
      const sha256 = await hash(file, controller.signal);
      if (!controller.signal.aborted) {
        table.patch(key, { state: 'queued', sha256 });
        onHashed(key);
      }
    } catch (error) {
      if (!controller.signal.aborted) table.patch(key, { state: 'failed', failure: failureOf(error) });
    } finally {
      this.#current = null;
    }
    this.pump();
  }
}
