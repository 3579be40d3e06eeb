import { Counter, Gauge, collectDefaultMetrics, type Registry } from 'prom-client';
import { isOnline, SERVER_STATES } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { ScheduleLag } from '#monitor/probe-schedule.ts';
import type { MonitorView } from '#monitor/monitor-view.ts';

/** What Prometheus reads of a monitor. Filled when it is read, never in the path of a probe. */
export function watchMetrics(registry: Registry, monitor: Pick<MonitorView, 'states'>, lag: () => ScheduleLag): void {
  const registers = [registry];
  new Gauge({
    name: 'imagefleet_watched_up',
    help: '1 while a watched server is up, 0 while it is not, absent while that is unknown.',
    labelNames: ['server'],
    registers,
    collect() {
      this.reset();
      for (const { name, state } of monitor.states()) {
        const online = isOnline(state);
        if (online !== null) this.set({ server: name }, online ? 1 : 0);
      }
    },
  });
  let probes = 0;
  new Gauge({
    name: 'imagefleet_probe_lag_seconds',
    help: 'How late probes began since this was read last; quantile 1 is the latest.',
    labelNames: ['quantile'],
    registers,
    collect() {
      const { count, p50Ms, p99Ms, maxMs } = lag();
      probes += count;
      this.set({ quantile: '0.5' }, p50Ms / 1000);
      this.set({ quantile: '0.99' }, p99Ms / 1000);
      this.set({ quantile: '1' }, maxMs / 1000);
    },
  });
  new Counter({
    name: 'imagefleet_probes_total',
    help: 'Probes that have begun.',
    registers,
    // Metrics are read in the order in which they were made: this one after the lag, which counts.
    collect() {
      this.inc(probes);
      probes = 0;
    },
  });
  new Gauge({
    name: 'imagefleet_watched_servers',
    help: 'Watched servers, by state.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of SERVER_STATES) this.set({ state }, 0);
      for (const { state } of monitor.states()) this.inc({ state });
    },
  });
}

/** The metrics of a monitor without an agent. */
export class MonitorMetrics {
  readonly #registry: Registry;
  readonly #refusals: Counter<'code'>;

  constructor(registry: Registry, monitor: Pick<MonitorView, 'states'>, lag: () => ScheduleLag) {
    this.#registry = registry;
    this.#refusals = new Counter({
      name: 'imagefleet_refusals_total',
      help: 'Requests refused, by code.',
      labelNames: ['code'],
      registers: [registry],
    });
    watchMetrics(registry, monitor, lag);
    collectDefaultMetrics({ register: registry });
  }

  refused(code: string): void {
    this.#refusals.inc({ code });
  }

  async render(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
