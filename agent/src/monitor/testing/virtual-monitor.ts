import { setImmediate as turn } from 'node:timers/promises';
import type { FleetSnapshot, HealthTransition } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { DEFAULT_HEALTH_SETTINGS } from '@imagefleet/shared/common/health/health-settings.ts';
import type { Observation, WitnessVotes } from '@imagefleet/shared/common/health/observation.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { Monitor } from '../monitor.ts';
import type { MonitorDeps, MonitorTarget, Schedule, ServerPlan } from '../monitor-ports.ts';

export function target(name: string, fields: Partial<MonitorTarget> = {}): MonitorTarget {
  return { name, host: name, port: 80, weight: 1, isOwn: false, isInMaintenance: false, ...fields };
}

export const SUCCESS: Observation = { kind: 'success', latencyMs: 1 };
export const FAILURE: Observation = { kind: 'failure', cause: { code: 'PEER_UNREACHABLE', message: 'refused' } };
export const SILENCE: Observation = { kind: 'silence', cause: { code: 'PEER_TIMEOUT', message: 'silent' } };

interface Due {
  readonly dueAtMs: number;
  readonly begin: () => void;
}

/** What is planned, by the server's name, until the test lets it become due. */
class ManualSchedule {
  readonly due = new Map<string, Due>();
  isRunning = false;

  of<P extends ServerPlan>(onDue: (server: P) => void): Schedule<P> {
    return {
      plan: (server, dueAtMs) => {
        const begin = (): void => {
          this.due.delete(server.name);
          onDue(server);
        };
        this.due.set(server.name, { dueAtMs, begin });
      },
      start: () => void (this.isRunning = true),
      stop: () => void (this.isRunning = false),
    };
  }
}

/** A monitor on a clock that is driven by hand, and everything that it said. */
export class VirtualMonitor {
  readonly monitor: Monitor<MonitorTarget>;
  readonly snapshots: FleetSnapshot[] = [];
  readonly transitions: HealthTransition[] = [];
  readonly reachabilities: string[] = [];
  readonly isolations: boolean[] = [];
  /** `name@ms` of every probe. */
  readonly probes: string[] = [];
  /** What the next probes of a server see; success unless set. */
  readonly answers = new Map<string, Observation | Promise<Observation>>();
  nowMs = 0;
  /** How far the wall clock is off; changes nothing but what people read. */
  wallMs = 1_700_000_000_000;
  readonly #schedule = new ManualSchedule();

  constructor(targets: readonly MonitorTarget[], overrides: Partial<MonitorDeps<MonitorTarget>> = {}) {
    this.monitor = new Monitor({
      targets,
      settings: DEFAULT_HEALTH_SETTINGS,
      probe: ({ name }, seen) => {
        this.probes.push(`${name}@${String(this.nowMs)}`);
        void Promise.resolve(this.answers.get(name) ?? SUCCESS).then(seen);
      },
      createSchedule: (onDue) => this.#schedule.of(onDue),
      witnesses: undefined,
      held: { online: new Map(), generation: 0 },
      monotonic: () => this.nowMs,
      now: () => this.wallMs + this.nowMs,
      random: () => 0,
      logger: silentLogger,
      sinks: {
        onSnapshot: (snapshot) => this.snapshots.push(snapshot),
        onTransition: (transition) => this.transitions.push(transition),
        observer: () => () => undefined,
        onReachability: (server, reachability) => this.reachabilities.push(`${server} ${reachability}`),
        onIsolation: (isIsolated) => this.isolations.push(isIsolated),
      },
      ...overrides,
    });
    this.monitor.start();
  }

  /** Lets virtual time pass until `untilMs`, every due probe in its turn. */
  async run(untilMs: number): Promise<void> {
    for (let next = this.#next(); next !== undefined && next.dueAtMs <= untilMs; next = this.#next()) {
      this.nowMs = Math.max(this.nowMs, next.dueAtMs);
      next.begin();
      await turn();
    }
    this.nowMs = untilMs;
  }

  #next(): Due | undefined {
    if (!this.#schedule.isRunning) return undefined;
    let first: Due | undefined;
    for (const due of this.#schedule.due.values()) {
      if (first === undefined || due.dueAtMs < first.dueAtMs) first = due;
    }
    return first;
  }
}

export function votes(reached: number, unreached: number): () => Promise<WitnessVotes> {
  return () => Promise.resolve({ reached, unreached });
}
