import type { FleetSnapshot, HealthTransition } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { HealthSettings } from '@imagefleet/shared/common/health/health-settings.ts';
import type { Observation, ProbeCause, WitnessVotes } from '@imagefleet/shared/common/health/observation.ts';
import type { Reachability } from '@imagefleet/shared/common/health/verdict.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { Plan } from './due-queue.ts';

/** A server to watch. */
export interface MonitorTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  /** It is on this machine: whatever it answers proves nothing about the network. */
  readonly isOwn: boolean;
  readonly isInMaintenance: boolean;
}

/** The next probe of a server. */
export class ServerPlan extends Plan {
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** When probes are due. */
export interface Schedule<P extends ServerPlan> {
  /** Replaces what was planned for the server. Milliseconds of the monotonic clock. */
  plan(server: P, dueAtMs: number): void;
  start(): void;
  stop(): void;
}

/** What the world hears of the monitor. None of them may wait or throw: a listener is no reason to probe late. */
export interface MonitorSinks {
  /** First when every server was seen once, then when, and only when, somebody's availability has changed. */
  readonly onSnapshot: (snapshot: FleetSnapshot) => void;
  readonly onTransition: (transition: HealthTransition) => void;
  /** Who hears of every probe of one server; asked for once, since thousands of them come in a second. */
  readonly observer: (server: string) => (observation: Observation, at: number) => void;
  readonly onReachability: (server: string, reachability: Reachability, cause: ProbeCause | null) => void;
  /** All servers fell silent together, so that nothing is known of any; or that is over. */
  readonly onIsolation: (isIsolated: boolean) => void;
}

export interface MonitorDeps<T extends MonitorTarget> {
  readonly targets: readonly T[];
  readonly settings: HealthSettings;
  /** Tells `seen` once, within the settings' timeout, whatever the far side does. */
  readonly probe: (target: T, seen: (observation: Observation) => void) => void;
  readonly createSchedule: <P extends ServerPlan>(onDue: (server: P) => void) => Schedule<P>;
  /** Asks others that can reach the server; undefined: there is nobody to ask. Ends within half a second. */
  readonly witnesses: ((target: T, signal: AbortSignal) => Promise<WitnessVotes>) | undefined;
  /** What the status files say at the start: `host:port` -> online, and the highest generation among them. */
  readonly held: {
    readonly online: ReadonlyMap<string, boolean>;
    readonly generation: number;
    /** Those that the files tell. */
    readonly weights?: ReadonlyMap<string, number>;
  };
  readonly monotonic: () => number;
  /** Epoch milliseconds, for people only. */
  readonly now: () => number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly sinks: MonitorSinks;
}
