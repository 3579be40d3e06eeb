interface Plan {
  readonly name: string;
  dueAtMs: number;
  /** Orders what is due at the same time by when it was planned. */
  sequence: number;
  /** Where it stands in the heap. */
  index: number;
}

/** Names by the time they are due: a binary heap that also finds a name, so that a plan can be replaced or taken back. */
export class DueQueue {
  readonly #heap: Plan[] = [];
  readonly #byName = new Map<string, Plan>();
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the first of them is due; undefined when there is none. */
  get nextAtMs(): number | undefined {
    return this.#heap[0]?.dueAtMs;
  }

  /** Replaces what was planned for the name. */
  put(name: string, dueAtMs: number): void {
    this.#sequence += 1;
    const known = this.#byName.get(name);
    if (known !== undefined) {
      known.dueAtMs = dueAtMs;
      known.sequence = this.#sequence;
      this.#settle(known);
      return;
    }
    const plan: Plan = { name, dueAtMs, sequence: this.#sequence, index: this.#heap.length };
    this.#byName.set(name, plan);
    this.#heap.push(plan);
    this.#settle(plan);
  }

  remove(name: string): void {
    const plan = this.#byName.get(name);
    if (plan === undefined) return;
    this.#byName.delete(name);
    const last = this.#heap.pop();
    if (last === undefined || last === plan) return;
    this.#place(last, plan.index);
    this.#settle(last);
  }

  /** Takes out the first one if it is due by then. */
  takeDue(nowMs: number): { readonly name: string; readonly dueAtMs: number } | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueAtMs > nowMs) return undefined;
    this.remove(first.name);
    return first;
  }

  #settle(plan: Plan): void {
    while (plan.index > 0) {
      const parent = this.#heap[(plan.index - 1) >> 1];
      if (parent === undefined || !isBefore(plan, parent)) break;
      this.#swap(plan, parent);
    }
    for (;;) {
      const child = this.#firstChild(plan.index);
      if (child === undefined || !isBefore(child, plan)) return;
      this.#swap(plan, child);
    }
  }

  #firstChild(index: number): Plan | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
  }

  #swap(one: Plan, other: Plan): void {
    const index = one.index;
    this.#place(one, other.index);
    this.#place(other, index);
  }

  #place(plan: Plan, index: number): void {
    plan.index = index;
    this.#heap[index] = plan;
  }
}

function isBefore(one: Plan, other: Plan): boolean {
  return one.dueAtMs < other.dueAtMs || (one.dueAtMs === other.dueAtMs && one.sequence < other.sequence);
}
