import type { Observation } from '@imagefleet/shared/common/health/observation.ts';

const SIZE = 20;

export interface SeenProbe {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly observation: Observation;
}

/**
 * The latest probes of one server. Successes are kept as numbers: an object for each would live just long enough to be
 * garbage of the dear kind, with thousands of servers.
 */
export class ProbeRing {
  readonly #at = new Float64Array(SIZE);
  readonly #latencyMs = new Float64Array(SIZE);
  readonly #others: (Exclude<Observation, { readonly kind: 'success' }> | undefined)[] = [];
  #next = 0;
  #count = 0;

  add(at: number, observation: Observation): void {
    const place = this.#next;
    this.#at[place] = at;
    if (observation.kind === 'success') {
      this.#latencyMs[place] = observation.latencyMs;
      // Nothing is written where nothing was: most servers never fail.
      if (this.#others[place] !== undefined) this.#others[place] = undefined;
    } else {
      this.#others[place] = observation;
    }
    this.#next = (place + 1) % SIZE;
    this.#count = Math.min(this.#count + 1, SIZE);
  }

  /** The latest last. */
  list(): readonly SeenProbe[] {
    const first = (this.#next - this.#count + SIZE) % SIZE;
    return Array.from({ length: this.#count }, (_, index) => {
      const place = (first + index) % SIZE;
      const latencyMs = this.#latencyMs[place] ?? 0;
      return {
        at: this.#at[place] ?? 0,
        observation: this.#others[place] ?? { kind: 'success', latencyMs },
      };
    });
  }
}
