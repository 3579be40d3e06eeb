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
  /** Time and latency of each, side by side: with thousands of servers they have left the processor's cache. */
  readonly #numbers = new Float64Array(2 * SIZE);
  readonly #others: (Exclude<Observation, { readonly kind: 'success' }> | undefined)[] = [];
  #next = 0;
  #count = 0;

  add(at: number, observation: Observation): void {
    const place = this.#next;
    this.#numbers[2 * place] = at;
    if (observation.kind === 'success') {
      this.#numbers[2 * place + 1] = observation.latencyMs;
      // Most servers never fail, and then there is nothing to look at either.
      if (this.#others.length > 0) this.#others[place] = undefined;
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
      const latencyMs = this.#numbers[2 * place + 1] ?? 0;
      return {
        at: this.#numbers[2 * place] ?? 0,
        observation: this.#others[place] ?? { kind: 'success', latencyMs },
      };
    });
  }
}
