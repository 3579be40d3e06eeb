import type { FleetClock } from '#engine/fleet/fleet-clock.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A virtual clock as what follows the fleet sees it; chance always lies in the middle. */
export class VirtualFleetClock extends VirtualClock implements FleetClock {
  readonly monotonic = (): number => this.now();
  readonly random = (): number => 0.5;
}
