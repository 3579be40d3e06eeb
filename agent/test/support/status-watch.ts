import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;

interface StatusFile {
  readonly generation: number;
  readonly servers: readonly { readonly host: string; readonly port: number; readonly online: boolean }[];
}

/** Reads a JSON status file over and over, and knows when each server's `online` became what it is. */
export class StatusWatch {
  readonly #file: string;
  readonly #changedAt = new Map<number, number>();
  readonly #online = new Map<number, boolean>();
  /** Every generation that was seen, in the order seen. */
  readonly generations: number[] = [];
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  start(): void {
    this.#running = this.#watch();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  isOnline(port: number): boolean | undefined {
    return this.#online.get(port);
  }

  /** Milliseconds of the monotonic clock at which the file said so first; undefined while it says something else. */
  offlineSince(port: number): number | undefined {
    return this.#online.get(port) === false ? this.#changedAt.get(port) : undefined;
  }

  get onlineCount(): number {
    return [...this.#online.values()].filter(Boolean).length;
  }

  async #watch(): Promise<void> {
    while (!this.#isStopping) {
      const content = await readFile(this.#file, 'utf8').catch(() => undefined);
      if (content !== undefined) this.#read(JSON.parse(content) as StatusFile);
      await delay(LOOK_EVERY_MS);
    }
  }

  #read({ generation, servers }: StatusFile): void {
    if (this.generations.at(-1) !== generation) this.generations.push(generation);
    for (const { port, online } of servers) {
      if (this.#online.get(port) === online) continue;
      this.#online.set(port, online);
      this.#changedAt.set(port, performance.now());
    }
  }
}
