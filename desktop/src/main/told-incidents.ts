import type { ToldIncident } from '#bridge/engine-messages.ts';

/** The engine remembers the incidents of minutes; more than this are none of them. */
const MAX_KEPT = 200;

/**
 * Which incidents people were told of, so that each opening and each end is told once, also when the engine's process was
 * started again meanwhile and tells anew.
 */
export class ToldIncidents {
  readonly #told = new Set<string>();

  /** Whether it is new; from then on it is not. */
  isNew(what: 'opened' | 'over', { id, reopened }: Pick<ToldIncident, 'id' | 'reopened'>): boolean {
    const key = `${what} ${id} ${String(reopened)}`;
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    const [oldest] = this.#told;
    if (this.#told.size > MAX_KEPT && oldest !== undefined) this.#told.delete(oldest);
    return true;
  }
}
