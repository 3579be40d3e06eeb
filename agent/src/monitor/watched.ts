import type { WatchedHealth } from '@imagefleet/shared/common/health/fleet-health.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import { ServerPlan, type MonitorTarget } from './monitor-ports.ts';
import { ProbeRing } from './probe-ring.ts';

/** A probe of a server has ended. */
export type OnEnded<T extends MonitorTarget> = (watched: Watched<T>, observation: Observation) => void;

/** A server and its next probe. What thousands of probes a second need is found here, without looking for it by name. */
export class Watched<T extends MonitorTarget> extends ServerPlan {
  readonly target: T;
  readonly health: WatchedHealth;
  readonly onSeen: (observation: Observation) => void;
  readonly listen: (observation: Observation, at: number) => void;
  readonly ring = new ProbeRing();
  isProbing = false;
  /** When the latest probe was begun. */
  startedMs = 0;
  wasSeen = false;

  constructor(target: T, parts: Pick<Watched<T>, 'health' | 'listen'> & { readonly onEnded: OnEnded<T> }) {
    super(target.name);
    this.target = target;
    this.health = parts.health;
    this.listen = parts.listen;
    this.onSeen = (observation) => parts.onEnded(this, observation);
  }
}
