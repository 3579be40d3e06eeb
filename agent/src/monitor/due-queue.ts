/** Plans stand in groups of those that are due within this time, and are put in order when the group's turn comes. */
const GROUP_MS = 20;
const NOT_PLANNED = -Infinity;
/** In place of a group's number: it stands among those that come next. */
const NEXT = Infinity;

/** Something that becomes due. It carries its own place, so that nothing has to be looked up by a name. */
export class Plan {
  dueAtMs = 0;
  /** Where it stands; for the queue alone. */
  group = NOT_PLANNED;
}

/**
 * Plans by the time they are due, the earliest first: a calendar queue (Brown, 1988). A heap of thousands touches a dozen
 * of them for each that comes or goes, which cost more than a tenth of a probe. A plan that is moved leaves its old place
 * behind, which is dropped when that group's turn comes.
 */
export class DueQueue<P extends Plan> {
  readonly #groups = new Map<number, P[]>();
  /** Those of the first group, the earliest last. */
  readonly #next: P[] = [];
  /** Number of the group that they come from: whatever is due in it or before belongs to them. */
  #nextGroup = -Infinity;

  /** When the first of them is due; undefined when there is none. */
  get nextAtMs(): number | undefined {
    return this.#first()?.dueAtMs;
  }

  /** Replaces the time that was planned for it. */
  put(plan: P, dueAtMs: number): void {
    if (plan.group === NEXT) this.#next.splice(this.#next.indexOf(plan), 1);
    plan.dueAtMs = dueAtMs;
    const group = Math.floor(dueAtMs / GROUP_MS);
    if (group <= this.#nextGroup) {
      plan.group = NEXT;
      this.#next.splice(placeOf(this.#next, dueAtMs), 0, plan);
    } else if (plan.group !== group) {
      plan.group = group;
      const plans = this.#groups.get(group);
      if (plans === undefined) this.#groups.set(group, [plan]);
      else plans.push(plan);
    }
  }

  /** Takes out the first one if it is due by then. */
  takeDue(nowMs: number): P | undefined {
    const first = this.#first();
    if (first === undefined || first.dueAtMs > nowMs) return undefined;
    this.#next.pop();
    first.group = NOT_PLANNED;
    return first;
  }

  #first(): P | undefined {
    while (this.#next.length === 0 && this.#groups.size > 0) this.#turnTo(Math.min(...this.#groups.keys()));
    return this.#next.at(-1);
  }

  #turnTo(group: number): void {
    const plans = this.#groups.get(group) ?? [];
    this.#groups.delete(group);
    this.#nextGroup = group;
    for (const plan of plans) {
      if (plan.group !== group) continue;
      plan.group = NEXT;
      this.#next.push(plan);
    }
    this.#next.sort((a, b) => b.dueAtMs - a.dueAtMs);
  }
}

/** Where a plan goes among those that are in order, the earliest last: before whatever is due at the same time. */
function placeOf(plans: readonly Plan[], dueAtMs: number): number {
  let [from, to] = [0, plans.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((plans[middle]?.dueAtMs ?? 0) > dueAtMs) from = middle + 1;
    else to = middle;
  }
  return from;
}
