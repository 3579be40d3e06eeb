import type { ItemState } from '#bridge/engine-words.ts';
import type { EngineClient } from '#bridge/engine-api.ts';
import type { QueueItem } from './queue-types.ts';

export const PAGE_ITEMS = 200;
/** Pages on either side of what is seen that stay, so that scrolling finds rows. */
const KEPT_AROUND = 2;

/** What of the list is looked at: files of a state, or all of them. */
export type Choice = ItemState | 'all';

interface Range {
  /** Places in the list, from 0; the last one is part of it. */
  readonly first: number;
  readonly last: number;
}

/** The rows of a list of any length that are in sight; of all others nothing is kept. */
export class ItemWindow {
  readonly #list: EngineClient['listItems'];
  readonly #listeners = new Set<() => void>();
  readonly #pages = new Map<number, readonly QueueItem[]>();
  /** Pages that are shown and are to be asked for again. */
  readonly #old = new Set<number>();
  #choice: Choice = 'all';
  #range: Range = { first: 0, last: 0 };
  #isRunning = false;
  #version = 0;
  #error: unknown = null;

  constructor(list: EngineClient['listItems']) {
    this.#list = list;
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  /** Another number with each change. */
  readonly version = (): number => this.#version;

  get error(): unknown {
    return this.#error;
  }

  /** Undefined while it is on its way. */
  item(place: number): QueueItem | undefined {
    return this.#pages.get(Math.floor(place / PAGE_ITEMS))?.[place % PAGE_ITEMS];
  }

  /** Brings what is seen; what was seen before and is far from it is forgotten. */
  show(range: Range): void {
    this.#range = range;
    const { from, to } = this.#wanted();
    for (const page of this.#pages.keys()) {
      if (page < from - KEPT_AROUND || page > to + KEPT_AROUND) this.#pages.delete(page);
    }
    void this.#load();
  }

  choose(choice: Choice): void {
    if (choice === this.#choice) return;
    this.#choice = choice;
    this.#pages.clear();
    this.#tell();
    void this.#load();
  }

  /** Something has changed: what is seen is asked for again, and is shown as it was until then. */
  refresh(): void {
    for (const page of this.#pages.keys()) this.#old.add(page);
    void this.#load();
  }

  #wanted(): { readonly from: number; readonly to: number } {
    return { from: Math.floor(this.#range.first / PAGE_ITEMS), to: Math.floor(this.#range.last / PAGE_ITEMS) };
  }

  /** One question at a time, always for what is seen at that moment. */
  async #load(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let page = this.#next(); page !== null; page = this.#next()) await this.#bring(page);
    } catch (error) {
      this.#error = error;
      this.#tell();
    } finally {
      this.#isRunning = false;
    }
  }

  #next(): number | null {
    const { from, to } = this.#wanted();
    for (let page = from; page <= to; page += 1) {
      if (!this.#pages.has(page) || this.#old.has(page)) return page;
    }
    return null;
  }

  async #bring(page: number): Promise<void> {
    const choice = this.#choice;
    // Before it is asked: what changes meanwhile makes it old again.
    this.#old.delete(page);
    const filter = choice === 'all' ? {} : { state: choice };
    const { items } = await this.#list({ ...filter, skip: page * PAGE_ITEMS, limit: PAGE_ITEMS });
    // An answer about another list than the one that is looked at now.
    if (choice !== this.#choice) return;
    this.#pages.set(page, items);
    this.#error = null;
    this.#tell();
  }

  #tell(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
