import { byHostThenPort, formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import { FleetHealth, type FleetEffect, type FleetInput } from '@imagefleet/shared/common/health/fleet-health.ts';
import type { FleetSnapshot, HealthTransition } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Observation, WitnessVotes } from '@imagefleet/shared/common/health/observation.ts';
import { probeIntervalMs } from '@imagefleet/shared/common/health/probe-pace.ts';
import { stateOf } from '@imagefleet/shared/common/health/server-health.ts';
import type { Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import { Availability } from './availability.ts';
import type { MonitorDeps, MonitorSinks, MonitorTarget, Schedule } from './monitor-ports.ts';
import { verdictOf } from './verdict-of.ts';
import { Watched, type OnEnded } from './watched.ts';

/** The first probes begin this far apart, closer where a round would take longer than an interval. */
const FIRST_PROBES_APART_MS = 50;
/** A snapshot costs as much as there are servers; a decision is to be on the disk within a tenth of a second. */
const SNAPSHOTS_APART_MS = 50;

/**
 * The monitor's loop: probes every server when its turn comes, feeds what was seen to the health machine, and does what
 * that decides. Nothing here waits for anybody but the clock: files, history and hooks hear of it and see to themselves.
 */
export class Monitor<T extends MonitorTarget> {
  readonly #deps: MonitorDeps<T>;
  readonly #sorted: readonly T[];
  readonly #health: FleetHealth;
  readonly #schedule: Schedule<Watched<T>>;
  readonly #watched: ReadonlyMap<string, Watched<T>>;
  readonly #availability: Availability;
  readonly #asking = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #idle = Promise.withResolvers<undefined>();
  readonly #onEnded: OnEnded<T> = (watched, observation) => this.#ended(watched, observation);
  #probing = 0;
  #publishTimer: NodeJS.Timeout | undefined;
  #publishedMs = -Infinity;
  #unseenCount: number;
  #isStopped = false;

  constructor(deps: MonitorDeps<T>) {
    this.#deps = deps;
    this.#sorted = [...deps.targets].sort(byHostThenPort);
    this.#health = new FleetHealth({ settings: deps.settings, hasWitnesses: deps.witnesses !== undefined });
    this.#schedule = deps.createSchedule((watched: Watched<T>) => this.#due(watched));
    this.#unseenCount = deps.targets.length;
    this.#availability = new Availability(deps.targets, deps.held);
    const nowMs = deps.monotonic();
    this.#watched = new Map(deps.targets.map((target) => [target.name, this.#watch(target, nowMs)]));
  }

  start(): void {
    const { targets, settings, monotonic } = this.#deps;
    const apartMs = Math.min(FIRST_PROBES_APART_MS, settings.intervalMs / Math.max(1, targets.length));
    const nowMs = monotonic();
    let firstMs = nowMs;
    for (const watched of this.#watched.values()) {
      const { name, isInMaintenance } = watched.target;
      // For whoever keeps a record: the state has been another one while no monitor ran.
      if (isInMaintenance) this.#tell('onTransition', this.#beganInMaintenance(name));
      this.#schedule.plan(watched, firstMs);
      firstMs += apartMs;
    }
    this.#schedule.start();
    // An empty list is said at once: there is nobody to wait for.
    if (targets.length === 0) this.#firstRound();
  }

  /** Waits for the probes and questions that are under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#schedule.stop();
    this.#asking.abort();
    if (this.#publishTimer !== undefined) this.#publish();
    if (this.#probing > 0) await this.#idle.promise;
    await Promise.all(this.#running);
  }

  /** Every server was seen once since the start. */
  get isReady(): boolean {
    return this.#unseenCount === 0;
  }

  get generation(): number {
    return this.#availability.generation;
  }

  /** How all servers stand now. */
  snapshot(): FleetSnapshot {
    const servers = this.#sorted.map(({ name, host, port, weight }) => {
      const watched = this.#watched.get(name);
      return {
        name,
        host,
        port,
        weight,
        state: watched === undefined ? ('unknown' as const) : stateOf(watched.health.server),
      };
    });
    return { generation: this.generation, at: this.#deps.now(), servers };
  }

  /** `host:port` of every server that is online as far as status files are concerned. */
  online(): readonly string[] {
    return this.#sorted.filter(({ name }) => this.#availability.isOnline(name)).map(formatHostPort);
  }

  /** Everything behind a server's state; undefined when it is not watched. */
  verdict(name: string): Verdict | undefined {
    const watched = this.#watched.get(name);
    if (watched === undefined) return undefined;
    const { settings, now, monotonic } = this.#deps;
    return verdictOf(name, watched.health.server, {
      settings,
      probes: watched.ring.list(),
      at: now(),
      nowMs: monotonic(),
    });
  }

  /** Somebody who works with the server saw trouble: it is looked at now. */
  suspect(name: string): void {
    if (this.#watched.has(name)) this.#step({ kind: 'suspected', server: name });
  }

  setMaintenance(name: string, isOn: boolean): void {
    this.#step({ kind: 'maintenance', server: name, isOn });
  }

  #watch(target: T, nowMs: number): Watched<T> {
    const { name, isOwn, isInMaintenance } = target;
    const isHeldOnline = this.#availability.isOnline(name);
    const health = this.#health.add({ name, isOwn, isInMaintenance, isHeldOnline }, nowMs);
    const listen = this.#deps.sinks.observer(name);
    return new Watched(target, { health, listen, onEnded: this.#onEnded });
  }

  #beganInMaintenance(server: string): HealthTransition {
    const at = this.#deps.now();
    return { server, from: 'unknown', to: 'maintenance', at, lastedMs: 0, cause: null, isConfirmed: true };
  }

  #due(watched: Watched<T>): void {
    if (watched.isProbing || this.#isStopped) return;
    watched.isProbing = true;
    watched.startedMs = this.#deps.monotonic();
    this.#probing += 1;
    try {
      this.#deps.probe(watched.target, watched.onSeen);
    } catch (error) {
      this.#ended(watched, ownFailure(error));
    }
  }

  #ended(watched: Watched<T>, observation: Observation): void {
    this.#probing -= 1;
    watched.isProbing = false;
    if (this.#isStopped) {
      if (this.#probing === 0) this.#idle.resolve(undefined);
      return;
    }
    const { settings, random, monotonic, logger } = this.#deps;
    const nowMs = monotonic();
    try {
      this.#observed(watched, observation, nowMs);
    } catch (error) {
      logger.error('monitor.failed', { error });
    }
    const nextMs = watched.startedMs + probeIntervalMs(watched.health.server, settings, random());
    this.#schedule.plan(watched, Math.max(nextMs, nowMs));
  }

  #observed(watched: Watched<T>, observation: Observation, nowMs: number): void {
    const { target, startedMs, health } = watched;
    const at = this.#deps.now();
    watched.ring.add(at, observation);
    try {
      watched.listen(observation, at);
    } catch (error) {
      this.#listenerFailed('observer', error);
    }
    const tellsNothing = observation.kind === 'success' && this.#health.steadySuccess(health, nowMs);
    if (!tellsNothing) this.#step({ kind: 'observed', server: target.name, observation, startedMs });
    if (watched.wasSeen) return;
    watched.wasSeen = true;
    this.#unseenCount -= 1;
    if (this.#unseenCount === 0) this.#firstRound();
  }

  #firstRound(): void {
    this.#availability.firstRound();
    this.#publish();
  }

  #step(input: FleetInput): void {
    if (this.#isStopped) return;
    const effects = this.#health.step(input, this.#deps.monotonic());
    let hasChanged = false;
    for (const effect of effects) {
      if (effect.kind !== 'transition') continue;
      hasChanged = this.#availability.changed(effect.server, effect.to, this.isReady) || hasChanged;
    }
    if (hasChanged && this.isReady) this.#publishSoon();
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: FleetEffect): void {
    const { monotonic, now } = this.#deps;
    switch (effect.kind) {
      case 'probeNow': {
        const watched = this.#watched.get(effect.server);
        if (watched !== undefined) this.#schedule.plan(watched, monotonic());
        break;
      }
      case 'askWitnesses':
        this.#track(this.#ask(effect.server));
        break;
      case 'isolation':
        this.#tell('onIsolation', effect.isIsolated);
        break;
      case 'reachability':
        this.#tell('onReachability', effect.server, effect.reachability, effect.cause);
        break;
      case 'transition': {
        const { kind: _, ...transition } = effect;
        this.#tell('onTransition', { ...transition, at: now() });
        break;
      }
    }
  }

  async #ask(name: string): Promise<void> {
    const { witnesses } = this.#deps;
    const target = this.#watched.get(name)?.target;
    if (witnesses === undefined || target === undefined) return;
    const nobody: WitnessVotes = { reached: 0, unreached: 0 };
    const votes = await witnesses(target, this.#asking.signal).catch((error: unknown) => {
      this.#deps.logger.warn('monitor.witnessesFailed', { server: name, error });
      return nobody;
    });
    this.#step({ kind: 'witnessed', server: name, votes });
  }

  /** At once, or when a snapshot went out just now together with what follows: thousands of servers may change in a second. */
  #publishSoon(): void {
    if (this.#publishTimer !== undefined) return;
    const inMs = this.#publishedMs + SNAPSHOTS_APART_MS - this.#deps.monotonic();
    if (inMs <= 0) this.#publish();
    else this.#publishTimer = setTimeout(() => this.#publish(), inMs);
  }

  #publish(): void {
    clearTimeout(this.#publishTimer);
    this.#publishTimer = undefined;
    this.#publishedMs = this.#deps.monotonic();
    this.#tell('onSnapshot', this.snapshot());
  }

  #tell<S extends keyof MonitorSinks>(sink: S, ...args: Parameters<MonitorSinks[S]>): void {
    const tell = this.#deps.sinks[sink] as (...args: Parameters<MonitorSinks[S]>) => void;
    try {
      tell(...args);
    } catch (error) {
      this.#listenerFailed(sink, error);
    }
  }

  /** It is its own affair: the servers go on being watched. */
  #listenerFailed(sink: string, error: unknown): void {
    this.#deps.logger.error('monitor.listenerFailed', { sink, error });
  }

  #track(work: Promise<void>): void {
    const running = work
      .catch((error: unknown) => this.#deps.logger.error('monitor.failed', { error }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}

/** A prober that fails is our own failure, and never the server's. */
function ownFailure(error: unknown): Observation {
  return { kind: 'ownFailure', cause: { code: 'INTERNAL', message: `the probe failed: ${String(error)}` } };
}
