interface Run {
  /** Ascending. */
  readonly ids: Float64Array;
  /** 1 where the id of that place is closed. */
  readonly closed: Uint8Array;
  open: number;
}

/** Ids that wait for their end. A replay may be of a million: nine bytes for each, where a Set takes forty. */
export class OpenIds {
  #runs: Run[] = [];

  get size(): number {
    return this.#runs.reduce((sum, { open }) => sum + open, 0);
  }

  add(ids: readonly number[]): void {
    if (ids.length === 0) return;
    this.#runs.push({ ids: Float64Array.from(ids).sort(), closed: new Uint8Array(ids.length), open: ids.length });
  }

  /** True when the id was open. */
  close(id: number): boolean {
    let wasOpen = false;
    for (const run of this.#runs) {
      const place = placeOf(run.ids, id);
      if (place === undefined || run.closed[place] === 1) continue;
      run.closed[place] = 1;
      run.open -= 1;
      wasOpen = true;
    }
    if (wasOpen) this.#runs = this.#runs.filter(({ open }) => open > 0);
    return wasOpen;
  }

  /** Open ids, `size` at a time, as they are when they are asked for. */
  *slices(size: number): Generator<readonly number[]> {
    for (const { ids, closed } of this.#runs) {
      let slice: number[] = [];
      for (const [place, id] of ids.entries()) {
        if (closed[place] === 0) slice.push(id);
        if (slice.length < size && place < ids.length - 1) continue;
        if (slice.length > 0) yield slice;
        slice = [];
      }
    }
  }
}

function placeOf(ids: Float64Array, id: number): number | undefined {
  let from = 0;
  let to = ids.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ids[middle] ?? Infinity) < id) from = middle + 1;
    else to = middle;
  }
  return ids[from] === id ? from : undefined;
}
