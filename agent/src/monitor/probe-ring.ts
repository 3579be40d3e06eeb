import type { Observation } from '@imagefleet/shared/common/health/observation.ts';

const SIZE = 20;

export interface SeenProbe {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly observation: Observation;
}

/** The latest probes of one server. */
export class ProbeRing {
  readonly #probes: SeenProbe[] = [];
  #next = 0;

  add(at: number, observation: Observation): void {
    this.#probes[this.#next] = { at, observation };
    this.#next = (this.#next + 1) % SIZE;
  }

  /** The latest last. */
  list(): readonly SeenProbe[] {
    return [...this.#probes.slice(this.#next), ...this.#probes.slice(0, this.#next)];
  }
}
