import { MAX_CHANGES, type ItemState } from '#bridge/engine-words.ts';
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

/**
 * The rows of a list of any length that are in sight. The engine hands out pages behind a key; of all others only the key
 * with which they begin is kept. A page far below is reached by walking there once, with the largest answers that there are.
 */
export class ItemWindow {
  readonly #list: EngineClient['listItems'];
  readonly #listeners = new Set<() => void>();
  readonly #pages = new Map<number, readonly QueueItem[]>();
  readonly #old = new Set<number>();
  /** Key behind which each page begins, as far as they are known. */
  #starts: number[] = [0];
  #choice: Choice = 'all';
  #range: Range = { first: 0, last: 0 };
  #run = 0;
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
    this.#old.clear();
    this.#move();
    this.#tell();
    void this.#load();
  }

  /** Something has changed: what is seen is asked for again. `hasMoved`: rows may stand at other places than before. */
  refresh(hasMoved: boolean): void {
    if (hasMoved) this.#move();
    for (const page of this.#pages.keys()) this.#old.add(page);
    void this.#load();
  }

  /** Answers to what was asked before are those of another list. */
  #move(): void {
    this.#starts = [0];
    this.#run += 1;
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
      this.#error = null;
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
    const start = this.#starts[page];
    if (start === undefined) return this.#walkTo(page);
    const run = this.#run;
    this.#old.delete(page);
    const { items, next } = await this.#list({ ...this.#filter(), after: start, limit: PAGE_ITEMS });
    if (run !== this.#run) return;
    this.#pages.set(page, items);
    const last = items.at(-1)?.key;
    if (next !== null && last !== undefined) this.#starts[page + 1] = last;
    this.#tell();
  }

  async #walkTo(page: number): Promise<void> {
    const run = this.#run;
    const known = this.#starts.length - 1;
    const after = this.#starts[known] ?? 0;
    const limit = Math.min(MAX_CHANGES, (page - known) * PAGE_ITEMS);
    const { items, next } = await this.#list({ ...this.#filter(), after, limit });
    if (run !== this.#run) return;
    for (let end = PAGE_ITEMS; end <= items.length; end += PAGE_ITEMS) {
      const last = items[end - 1]?.key;
      if (last !== undefined) this.#starts.push(last);
    }
    // The list is shorter than was thought; the next look at its length says so.
    if (next === null || items.length < PAGE_ITEMS) this.#setEmpty(page);
  }

  #setEmpty(page: number): void {
    if (this.#starts[page] !== undefined) return;
    this.#pages.set(page, []);
    this.#old.delete(page);
    this.#tell();
  }

  #filter(): { readonly state?: ItemState } {
    return this.#choice === 'all' ? {} : { state: this.#choice };
  }

  #tell(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
