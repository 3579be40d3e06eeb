import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** How many requests may queue for one path; more are told to come back (PATH_BUSY). */
const MAX_WAITING_PER_KEY = 100;

interface Line {
  tail: Promise<void>;
  waiting: number;
}

/**
 * One writer per path at a time, in this process. Keys are folded paths. It lies beside the store because the services
 * (own writes) and replication (writes of peers) must take the same locks: between a commit and its rename nobody else
 * may rename onto that path.
 */
export class PathLocks {
  readonly #lines = new Map<string, Line>();

  /** Runs `work` while all `keys` are held. Keys are taken in one global order, so two callers never wait for each other. */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const releases: (() => void)[] = [];
    try {
      for (const key of [...new Set(keys)].sort()) releases.push(await this.#take(key));
      return await work();
    } finally {
      for (const release of releases.reverse()) release();
    }
  }

  /** Paths that are held or waited for; for tests and metrics. */
  get size(): number {
    return this.#lines.size;
  }

  async #take(key: string): Promise<() => void> {
    const line = this.#lines.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
    if (line.waiting >= MAX_WAITING_PER_KEY) {
      throw new FleetError('PATH_BUSY', `${String(line.waiting)} requests wait to write this path already`);
    }
    this.#lines.set(key, line);
    line.waiting += 1;
    const before = line.tail;
    const gate = Promise.withResolvers<undefined>();
    line.tail = gate.promise;
    await before;
    return () => {
      line.waiting -= 1;
      if (line.waiting === 0) this.#lines.delete(key);
      gate.resolve(undefined);
    };
  }
}
