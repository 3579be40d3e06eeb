interface Plan {
  readonly name: string;
  dueAtMs: number;
  /** Where it stands in the heap; -1 while it is not planned. */
  index: number;
}

/**
 * Names by the time they are due: a binary heap that also finds a name, so that a plan can be replaced or taken back. A
 * name that was due is remembered until it is removed, since it is mostly planned again: a table that thousands leave and
 * enter each second would cost more than the heap.
 */
export class DueQueue {
  readonly #heap: Plan[] = [];
  readonly #byName = new Map<string, Plan>();

  /** How many are planned. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the first of them is due; undefined when there is none. */
  get nextAtMs(): number | undefined {
    return this.#heap[0]?.dueAtMs;
  }

  /** Replaces what was planned for the name. */
  put(name: string, dueAtMs: number): void {
    let plan = this.#byName.get(name);
    if (plan === undefined) {
      plan = { name, dueAtMs, index: -1 };
      this.#byName.set(name, plan);
    }
    plan.dueAtMs = dueAtMs;
    if (plan.index === -1) this.#rise(plan, this.#heap.length);
    else this.#settle(plan, plan.index);
  }

  remove(name: string): void {
    const plan = this.#byName.get(name);
    if (plan === undefined) return;
    this.#byName.delete(name);
    if (plan.index !== -1) this.#takeOut(plan);
  }

  /** Takes out the first one if it is due by then. The answer holds until the next call. */
  takeDue(nowMs: number): { readonly name: string; readonly dueAtMs: number } | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueAtMs > nowMs) return undefined;
    this.#takeOut(first);
    return first;
  }

  #takeOut(plan: Plan): void {
    const last = this.#heap.pop();
    if (last !== undefined && last !== plan) this.#settle(last, plan.index);
    plan.index = -1;
  }

  /** Gives the plan its place, when `index` is free for it. */
  #settle(plan: Plan, index: number): void {
    const parent = this.#heap[(index - 1) >> 1];
    if (index > 0 && parent !== undefined && parent.dueAtMs > plan.dueAtMs) this.#rise(plan, index);
    else this.#sink(plan, index);
  }

  #rise(plan: Plan, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1];
      if (parent === undefined || parent.dueAtMs <= plan.dueAtMs) break;
      const above = parent.index;
      this.#place(parent, index);
      index = above;
    }
    this.#place(plan, index);
  }

  #sink(plan: Plan, from: number): void {
    let index = from;
    for (;;) {
      const left = this.#heap[2 * index + 1];
      const right = this.#heap[2 * index + 2];
      const child = left !== undefined && right !== undefined && right.dueAtMs < left.dueAtMs ? right : left;
      if (child === undefined || child.dueAtMs >= plan.dueAtMs) break;
      const below = child.index;
      this.#place(child, index);
      index = below;
    }
    this.#place(plan, index);
  }

  #place(plan: Plan, index: number): void {
    plan.index = index;
    this.#heap[index] = plan;
  }
}
