import { FleetHealth, type FleetEffect, type FleetInput, type WatchedHealth } from '#common/health/fleet-health.ts';
import type { ServerState } from '#common/health/fleet-snapshot.ts';
import { DEFAULT_HEALTH_SETTINGS, type HealthSettings } from '#common/health/health-settings.ts';
import type { Observation, WitnessVotes } from '#common/health/observation.ts';
import { probeIntervalMs } from '#common/health/probe-pace.ts';
import { stateOf } from '#common/health/server-health.ts';

/** How a server behaves at one moment: it answers, refuses, says nothing, or our own side fails. */
export type Behaviour = 'up' | 'refusing' | 'silent' | 'ownFailure';

export interface SimulatedServer {
  readonly name: string;
  readonly isOwn?: boolean;
  readonly isHeldOnline?: boolean;
  readonly isInMaintenance?: boolean;
}

export interface SimulationOptions {
  readonly servers: readonly SimulatedServer[];
  readonly settings?: Partial<HealthSettings>;
  readonly behaviour: (server: string, nowMs: number) => Behaviour;
  /** Undefined: there are no witnesses. */
  readonly witnesses?: (server: string, nowMs: number) => WitnessVotes;
  /** Numbers in [0, 1); 0.5 always unless given. */
  readonly random?: () => number;
}

type Timed<T> = T & { readonly atMs: number };
type TransitionEffect = Timed<Extract<FleetEffect, { kind: 'transition' }>>;

interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

const LATENCY_MS = 1;
const WITNESS_MS = 300;
const CAUSES = {
  refusing: { code: 'PEER_UNREACHABLE', message: 'refused' },
  silent: { code: 'PEER_TIMEOUT', message: 'silent' },
  ownFailure: { code: 'INTERNAL', message: 'own failure' },
} as const;

/** The health of a fleet on a virtual clock, probed as the monitor does it. Everything follows from its options. */
export class SimulatedFleet {
  readonly settings: HealthSettings;
  readonly health: FleetHealth;
  readonly transitions: TransitionEffect[] = [];
  readonly isolations: Timed<{ readonly isIsolated: boolean }>[] = [];
  nowMs = 0;
  readonly #options: SimulationOptions;
  readonly #random: () => number;
  readonly #watched = new Map<string, WatchedHealth>();
  readonly #planned = new Map<string, number>();
  readonly #probing = new Set<string>();
  #events: Event[] = [];

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = options.random ?? (() => 0.5);
    this.settings = { ...DEFAULT_HEALTH_SETTINGS, ...options.settings };
    this.health = new FleetHealth({ settings: this.settings, hasWitnesses: options.witnesses !== undefined });
    options.servers.forEach(({ name, isOwn = false, isHeldOnline = false, isInMaintenance = false }, index) => {
      this.#watched.set(name, this.health.add({ name, isOwn, isHeldOnline, isInMaintenance }, 0));
      this.#plan(name, index * 50);
    });
  }

  state(name: string): ServerState | undefined {
    const server = this.health.get(name);
    return server === undefined ? undefined : stateOf(server);
  }

  /** `from>to` of one server's transitions, in order. */
  changesOf(name: string): readonly string[] {
    return this.transitions.filter(({ server }) => server === name).map(({ from, to }) => `${from}>${to}`);
  }

  input(input: FleetInput): void {
    for (const effect of this.health.step(input, this.nowMs)) this.#carryOut(effect);
  }

  /** Lets time pass until `untilMs`. */
  run(untilMs: number): void {
    for (let next = this.#events[0]; next !== undefined && next.atMs <= untilMs; next = this.#events[0]) {
      this.#events.shift();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }

  #at(atMs: number, run: () => void): void {
    const place = this.#events.findIndex((event) => event.atMs > atMs);
    this.#events.splice(place < 0 ? this.#events.length : place, 0, { atMs, run });
  }

  #plan(name: string, atMs: number): void {
    this.#planned.set(name, atMs);
    this.#at(atMs, () => {
      // A later plan has taken its place.
      if (this.#planned.get(name) === atMs && !this.#probing.has(name)) this.#probe(name);
    });
  }

  #probe(name: string): void {
    this.#planned.delete(name);
    this.#probing.add(name);
    const startedMs = this.nowMs;
    const behaviour = this.#options.behaviour(name, startedMs);
    this.#at(startedMs + (behaviour === 'silent' ? this.settings.timeoutMs : LATENCY_MS), () => {
      this.#probing.delete(name);
      const watched = this.#watched.get(name);
      if (watched === undefined) return;
      const isSteady = behaviour === 'up' && this.health.steadySuccess(watched, this.nowMs);
      if (!isSteady) this.input({ kind: 'observed', server: name, observation: observationOf(behaviour), startedMs });
      const nextMs = startedMs + probeIntervalMs(watched.server, this.settings, this.#random());
      this.#plan(name, Math.max(nextMs, this.nowMs));
    });
  }

  #carryOut(effect: FleetEffect): void {
    const { nowMs } = this;
    if (effect.kind === 'transition') this.transitions.push({ ...effect, atMs: nowMs });
    else if (effect.kind === 'isolation') this.isolations.push({ ...effect, atMs: nowMs });
    else if (effect.kind === 'probeNow') this.#plan(effect.server, nowMs);
    else if (effect.kind === 'askWitnesses') {
      const votes = this.#options.witnesses?.(effect.server, nowMs) ?? { reached: 0, unreached: 0 };
      this.#at(nowMs + WITNESS_MS, () => this.input({ kind: 'witnessed', server: effect.server, votes }));
    }
  }
}

function observationOf(behaviour: Behaviour): Observation {
  switch (behaviour) {
    case 'up':
      return { kind: 'success', latencyMs: LATENCY_MS };
    case 'refusing':
      return { kind: 'failure', cause: CAUSES.refusing };
    case 'silent':
      return { kind: 'silence', cause: CAUSES.silent };
    case 'ownFailure':
      return { kind: 'ownFailure', cause: CAUSES.ownFailure };
  }
}
