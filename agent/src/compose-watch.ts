import { randomUUID } from 'node:crypto';
import type { MonitorSettings } from '@imagefleet/shared/common/config/monitor-config.ts';
import { healthSettingsOf, inStatusFiles, type WatchTarget } from '@imagefleet/shared/common/config/watch-targets.ts';
import type { HealthTransition } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Observation, ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { Reachability, Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import type { Incident } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { ownHosts } from '@imagefleet/shared/node/own-machine.ts';
import type { Prober } from '@imagefleet/shared/node/probe/prober.ts';
import type { ProbeTarget } from '@imagefleet/shared/node/probe/probe-target.ts';
import { HistoryRecorder } from '#monitor/history/history-recorder.ts';
import type { Hook } from '#monitor/hooks/hook.ts';
import { Hooks } from '#monitor/hooks/hooks.ts';
import { IncidentBook } from '#monitor/incident-book.ts';
import type { Maintenance } from '#monitor/maintenance.ts';
import { Monitor } from '#monitor/monitor.ts';
import type { MonitorTarget } from '#monitor/monitor-ports.ts';
import { NOTHING_WATCHED, type MonitorView, type WatchedState } from '#monitor/monitor-view.ts';
import { ProbeSchedule, type ScheduleLag } from '#monitor/probe-schedule.ts';
import { StatusFiles } from '#monitor/status-files/status-files.ts';
import { VerdictView } from '#monitor/verdict-view.ts';
import type { Witnesses } from '#monitor/witnesses.ts';
import type { HistoryStore } from '#store/history/history-store.ts';
import { monotonic } from './monotonic.ts';

export interface WatchParts {
  readonly settings: MonitorSettings;
  readonly maintenance: Maintenance;
  readonly historyStore: HistoryStore;
  readonly witnesses: Witnesses;
  readonly prober: Prober;
  readonly hooks: readonly Hook[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  readonly listener: WatchListener;
}

/** Who hears of what happens; none of them may wait. */
export interface WatchListener {
  readonly onServerChanged: (server: WatchedState) => void;
  readonly onIncidentChanged: (incident: Incident) => void;
  readonly onReachability?: (server: string, reachability: Reachability, cause: ProbeCause | null) => void;
  readonly onObservation?: (server: string, observation: Observation) => void;
}

/** From a transition to its hooks: by then the snapshot that holds it has gone to the status files. */
const HOOKS_AFTER_MS = 100;

type Target = WatchTarget & MonitorTarget & ProbeTarget;

/** Everything that watches servers, in an agent and alone: loop, status files, history, incidents and hooks. */
export class WatchModule {
  readonly #parts: WatchParts;
  readonly #history: HistoryRecorder;
  readonly #hooks: Hooks;
  readonly #files: StatusFiles;
  #incidents: IncidentBook | null = null;
  #monitor: Monitor<Target> | null = null;
  #view: VerdictView | null = null;
  #probeLag: () => ScheduleLag = () => ({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  /** Transitions of which hooks hear in a moment, when the status files have been told. */
  #forHooks: HealthTransition[] = [];
  #hookTimer: NodeJS.Timeout | undefined;

  constructor(parts: WatchParts) {
    const { settings, historyStore, hooks, now, logger } = parts;
    this.#parts = parts;
    this.#history = new HistoryRecorder({ store: historyStore, now, monotonic, logger });
    this.#hooks = new Hooks({ hooks, logger, monotonic });
    this.#files = new StatusFiles({ files: settings.statusFiles, logger, now });
  }

  /** What the services see; knows of no server before `start`. */
  get view(): MonitorView {
    const current = (): MonitorView => this.#view ?? NOTHING_WATCHED;
    return {
      states: () => current().states(),
      verdict: (name) => current().verdict(name),
      setMaintenance: (name, isOn) => current().setMaintenance(name, isOn),
      history: (name, range) => current().history(name, range),
    };
  }

  /** How late probes began since this was asked last. */
  probeLag(): ScheduleLag {
    return this.#probeLag();
  }

  /** Every server was probed once since the start. */
  get isReady(): boolean {
    return this.#monitor?.isReady ?? false;
  }

  /** Somebody who works with a server saw trouble. */
  suspect(server: string): void {
    this.#monitor?.suspect(server);
  }

  verdict(server: string): Verdict | undefined {
    return this.#monitor?.verdict(server);
  }

  /** Begins to watch. The targets' maintenance has been read. */
  async start(configured: readonly WatchTarget[]): Promise<void> {
    const { maintenance, witnesses, logger } = this.#parts;
    const own = await ownHosts([...configured.map(({ host }) => host), ...witnesses.hosts()]);
    const leftOut = witnesses.leaveOut(own);
    if (leftOut.length > 0) logger.info('monitor.witnessesHere', { names: leftOut });
    const targets = configured.map((target) => ({ ...target, isOwn: target.isOwn || own.has(target.host) }));
    await this.#files.start();
    await this.#history.start();
    const incidents = this.#buildIncidents(targets);
    this.#incidents = incidents;
    await incidents.start();
    const monitor = this.#buildMonitor(targets, incidents);
    this.#monitor = monitor;
    this.#view = new VerdictView({ targets, monitor, maintenance, history: this.#history });
    monitor.start();
    logger.info('monitor.watching', { servers: targets.length });
  }

  /** What was decided is on the disk, and hooks have run, within their limits. */
  async stop(): Promise<void> {
    const { witnesses, prober } = this.#parts;
    witnesses.stop();
    prober.stop();
    await this.#monitor?.stop();
    clearTimeout(this.#hookTimer);
    this.#runHooks();
    await Promise.all([this.#files.stop(), this.#incidents?.stop()]);
    await Promise.all([this.#hooks.stop(), this.#history.stop()]);
  }

  #buildMonitor(targets: readonly WatchTarget[], incidents: IncidentBook): Monitor<Target> {
    const { settings, maintenance, witnesses, prober, listener, now, logger } = this.#parts;
    const inFiles = new Set(inStatusFiles(targets).map(({ name }) => name));
    return new Monitor<Target>({
      targets: targets.map((target) => probeTarget(target, settings.timeout, maintenance)),
      settings: healthSettingsOf(settings),
      probe: (target, seen) => prober.begin(target, seen),
      createSchedule: (onDue) => {
        const schedule = new ProbeSchedule({ monotonic, onDue });
        this.#probeLag = () => schedule.lag();
        return schedule;
      },
      witnesses: witnesses.count === 0 ? undefined : (target, signal) => witnesses.ask(target, signal),
      held: this.#files.held,
      ...{ monotonic, now, random: Math.random, logger },
      sinks: {
        onSnapshot: (snapshot) => {
          const servers = snapshot.servers.filter(({ name }) => inFiles.has(name));
          this.#files.apply({ ...snapshot, servers });
        },
        observer: (server) => {
          const note = this.#history.observer(server);
          const { onObservation } = listener;
          if (onObservation === undefined) return note;
          return (observation, at) => {
            note(observation, at);
            onObservation(server, observation);
          };
        },
        onReachability: (server, reachability, cause) => listener.onReachability?.(server, reachability, cause),
        onTransition: (transition) => {
          this.#history.changed(transition);
          incidents.changed(transition);
          const state = this.#view?.state(transition.server);
          if (state !== undefined) listener.onServerChanged(state);
          logger.info('server.transition', transition);
          this.#runHooksSoon(transition);
        },
        onIsolation: (isIsolated) => {
          logger.warn(isIsolated ? 'monitor.isolated' : 'monitor.rejoined');
          incidents.isolated(isIsolated);
        },
      },
    });
  }

  #buildIncidents(targets: readonly WatchTarget[]): IncidentBook {
    const { listener, now, logger } = this.#parts;
    const own = new Set(targets.filter(({ isOwn }) => isOwn).map(({ name }) => name));
    return new IncidentBook({
      log: this.#history,
      watched: () => targets.map(({ name }) => name),
      isOwn: (server) => own.has(server),
      ...{ now, monotonic, newId: randomUUID, logger },
      onNotice: (notice) => this.#hooks.notice(notice),
      onChanged: (incident) => listener.onIncidentChanged(incident),
    });
  }

  #runHooksSoon(transition: HealthTransition): void {
    if (this.#parts.hooks.length === 0) return;
    this.#forHooks.push(transition);
    this.#hookTimer ??= setTimeout(() => this.#runHooks(), HOOKS_AFTER_MS);
  }

  #runHooks(): void {
    this.#hookTimer = undefined;
    const transitions = this.#forHooks;
    this.#forHooks = [];
    const monitor = this.#monitor;
    if (monitor === null || transitions.length === 0) return;
    const { generation } = monitor;
    const online = monitor.online();
    for (const transition of transitions) {
      const server = this.#view?.state(transition.server);
      if (server === undefined) continue;
      this.#hooks.transition(transition, { host: server.host, port: server.port, generation, online });
    }
  }
}

function probeTarget(target: WatchTarget, timeoutMs: number, maintenance: Maintenance): Target {
  return { ...target, timeoutMs, isInMaintenance: maintenance.has(target.name) };
}
