/**
 * Gathers what comes in any order and hands it on by code unit, without ever sorting all of it at once: a folder of a hundred
 * thousand files would keep the event loop for a second.
 */
export class SortedParts<T extends { readonly name: string }> {
  readonly #parts: T[][] = [];
  #last: T[] = [];

  add(item: T): void {
    this.#last.push(item);
    if (this.#last.length === PART) this.#close();
  }

  /** In order; nothing may be added any more. */
  *sorted(): Generator<T, void, undefined> {
    this.#close();
    const places = this.#parts.map(() => 0);
    for (;;) {
      let first: T | undefined;
      let from = -1;
      for (const [index, part] of this.#parts.entries()) {
        const item = part[places[index] ?? 0];
        if (item === undefined || (first !== undefined && item.name >= first.name)) continue;
        first = item;
        from = index;
      }
      if (first === undefined) return;
      places[from] = (places[from] ?? 0) + 1;
      yield first;
    }
  }

  #close(): void {
    this.#parts.push(this.#last.sort((a, b) => (a.name < b.name ? -1 : 1)));
    this.#last = [];
  }
}

/** Sorted within some milliseconds; of a hundred thousand there are twenty, which are cheap to merge. */
const PART = 5000;
