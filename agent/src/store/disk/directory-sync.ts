interface Lane {
  readonly running: Promise<void>;
  next: Promise<void> | null;
}

/**
 * Shares the fsync of a directory between all who wait for it. Whoever arrives while one runs must wait for the NEXT
 * one: the running fsync may have collected the directory's changes before the newcomer's rename happened, so its end
 * proves nothing about that rename. The next one begins after the rename, which proves it; all who arrive until it
 * begins share it.
 */
export class DirectorySync {
  readonly #lanes = new Map<string, Lane>();
  readonly #syncFolder: (folder: string) => Promise<void>;

  constructor(syncFolder: (folder: string) => Promise<void>) {
    this.#syncFolder = syncFolder;
  }

  /** Returns when every change made in `folder` before this call survives a power cut. */
  sync(folder: string): Promise<void> {
    const lane = this.#lanes.get(folder);
    if (lane === undefined) return this.#run(folder);
    // The failure of the running fsync belongs to those who wait for it; the next one starts either way.
    lane.next ??= lane.running.then(
      () => this.#run(folder),
      () => this.#run(folder),
    );
    return lane.next;
  }

  /** Returns when no fsync runs or waits. */
  async idle(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.allSettled([...this.#lanes.values()].map((lane) => lane.running));
  }

  #run(folder: string): Promise<void> {
    const running = this.#syncFolder(folder).finally(() => {
      // A waiting `next` replaces this lane in the same turn, by the `then` above.
      if (this.#lanes.get(folder) === lane && lane.next === null) this.#lanes.delete(folder);
    });
    const lane: Lane = { running, next: null };
    this.#lanes.set(folder, lane);
    return running;
  }
}
