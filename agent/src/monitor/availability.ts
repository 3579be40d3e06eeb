import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import { isOnline, type ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { MonitorDeps, MonitorTarget } from './monitor-ports.ts';

/** Who is online as far as status files are concerned, and how often that has changed. */
export class Availability {
  readonly #online: Map<string, boolean>;
  readonly #isAsHeld: () => boolean;
  #generation: number;

  constructor(targets: readonly MonitorTarget[], held: MonitorDeps<MonitorTarget>['held']) {
    const heldOf = (target: MonitorTarget): boolean => held.online.get(formatHostPort(target)) ?? false;
    this.#online = new Map(targets.map((target) => [target.name, heldOf(target) && !target.isInMaintenance]));
    this.#generation = held.generation;
    this.#isAsHeld = () =>
      held.generation > 0 &&
      held.online.size === targets.length &&
      targets.every((target) => {
        const key = formatHostPort(target);
        const weight = held.weights?.get(key) ?? target.weight;
        return held.online.get(key) === this.#online.get(target.name) && weight === target.weight;
      });
  }

  get generation(): number {
    return this.#generation;
  }

  isOnline(name: string): boolean {
    return this.#online.get(name) ?? false;
  }

  /** Answers whether the new state makes a difference. Before the first round is over that counts as one change later. */
  changed(name: string, state: ServerState, isCounted: boolean): boolean {
    const online = isOnline(state);
    if (online === null || online === this.isOnline(name)) return false;
    this.#online.set(name, online);
    if (isCounted) this.#generation += 1;
    return isCounted;
  }

  /** Every server has been seen: what the files say is from now on our word. */
  firstRound(): void {
    if (!this.#isAsHeld()) this.#generation += 1;
  }
}
