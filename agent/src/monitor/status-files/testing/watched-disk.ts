import { basename } from 'node:path';
import { localStatusDisk } from '../local-status-disk.ts';
import type { StatusDisk } from '../status-disk.ts';

type Call = keyof StatusDisk;

/** The real disk: what is called is written down, calls can be made to fail or to hang, and it is known when all is calm. */
export class WatchedDisk implements StatusDisk {
  /** Every `replace`, by the name of its file. */
  readonly replaced: string[] = [];
  readonly #faults = new Map<string, () => Promise<void>>();
  #inFlight = 0;

  /** From now on this call of this file does `fault` first; it may reject. */
  fault(call: Call, name: string, fault: () => Promise<void>): void {
    this.#faults.set(`${call} ${name}`, fault);
  }

  /** From now on this call of this file does not come back before the answer is called. */
  hang(call: Call, name: string): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.fault(call, name, async () => {
      this.#inFlight -= 1;
      await promise;
      this.#inFlight += 1;
    });
    return () => resolve(undefined);
  }

  heal(): void {
    this.#faults.clear();
  }

  /** Resolves when nothing is under way but what hangs, and nothing follows from what ended. */
  async calm(): Promise<void> {
    for (let turns = 0; turns < 5; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#inFlight > 0) turns = 0;
    }
  }

  read(path: string): Promise<string | undefined> {
    return this.#call('read', path, () => localStatusDisk.read(path));
  }

  replace(path: string, text: string): Promise<void> {
    this.replaced.push(basename(path));
    return this.#call('replace', path, () => localStatusDisk.replace(path, text));
  }

  replaceLightly(path: string, text: string): Promise<void> {
    return this.#call('replaceLightly', path, () => localStatusDisk.replaceLightly(path, text));
  }

  mark(path: string): Promise<string | null> {
    return this.#call('mark', path, () => localStatusDisk.mark(path));
  }

  sweep(path: string): Promise<void> {
    return this.#call('sweep', path, () => localStatusDisk.sweep(path));
  }

  async #call<T>(call: Call, path: string, work: () => Promise<T>): Promise<T> {
    this.#inFlight += 1;
    try {
      await this.#faults.get(`${call} ${basename(path)}`)?.();
      return await work();
    } finally {
      this.#inFlight -= 1;
    }
  }
}

/** What Node rejects with when a system call fails. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: a fault of the test`), { code });
}
