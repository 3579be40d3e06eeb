import { Counter, Gauge, Histogram, collectDefaultMetrics, type Registry } from 'prom-client';
import type { Replication } from '#replication/replication.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';

export interface MetricsDeps {
  readonly registry: Registry;
  readonly catalog: Pick<Catalog, 'summarize' | 'countImages'>;
  readonly store: Pick<ImageStore, 'space'>;
  readonly replication: Pick<Replication, 'peers'>;
}

const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What Prometheus reads at /metrics. Gauges are filled when they are read, never in the path of an upload. */
export class Metrics {
  readonly #registry: Registry;
  readonly #uploads: Counter;
  readonly #uploadedBytes: Counter;
  readonly #served: Counter;
  readonly #servedBytes: Counter;
  readonly #refusals: Counter<'code'>;
  readonly #durations: Histogram<'call' | 'status'>;

  constructor(deps: MetricsDeps) {
    const registers = [deps.registry];
    this.#registry = deps.registry;
    this.#uploads = new Counter({ name: 'imagefleet_uploads_total', help: 'Files received.', registers });
    this.#uploadedBytes = new Counter({
      name: 'imagefleet_upload_bytes_total',
      help: 'Bytes of files received.',
      registers,
    });
    this.#served = new Counter({ name: 'imagefleet_served_total', help: 'Images served.', registers });
    this.#servedBytes = new Counter({
      name: 'imagefleet_served_bytes_total',
      help: 'Bytes of images served.',
      registers,
    });
    this.#refusals = new Counter({
      name: 'imagefleet_refusals_total',
      help: 'Requests refused, by code.',
      labelNames: ['code'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'imagefleet_request_seconds',
      help: 'Time from a request to its answer.',
      labelNames: ['call', 'status'],
      buckets: DURATION_BUCKETS_S,
      registers,
    });
    makeGauges(deps);
    collectDefaultMetrics({ register: deps.registry });
  }

  uploadReceived(sizeBytes: number): void {
    this.#uploads.inc();
    this.#uploadedBytes.inc(sizeBytes);
  }

  imageServed(sizeBytes: number): void {
    this.#served.inc();
    this.#servedBytes.inc(sizeBytes);
  }

  refused(code: string): void {
    this.#refusals.inc({ code });
  }

  answered(call: string, status: number, seconds: number): void {
    this.#durations.observe({ call, status: `${String(Math.floor(status / 100))}xx` }, seconds);
  }

  async render(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}

function makeGauges({ registry, catalog, store, replication }: MetricsDeps): void {
  const registers = [registry];
  new Gauge({
    name: 'imagefleet_deliveries_open',
    help: 'Open deliveries, by server and state.',
    labelNames: ['server', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const { server, state, count } of await catalog.summarize()) this.inc({ server, state }, count);
    },
  });
  new Gauge({
    name: 'imagefleet_peer_up',
    help: '1 while deliveries flow to a peer, 0 while it is down.',
    labelNames: ['server'],
    registers,
    collect() {
      this.reset();
      for (const { name, state } of replication.peers())
        if (state !== 'unknown') this.set({ server: name }, state === 'up' ? 1 : 0);
    },
  });
  new Gauge({
    name: 'imagefleet_images',
    help: 'Images on this server.',
    registers,
    async collect() {
      this.set(await catalog.countImages());
    },
  });
  new Gauge({
    name: 'imagefleet_disk_free_bytes',
    help: 'Free bytes on the data disk.',
    registers,
    async collect() {
      this.set((await store.space()).freeBytes);
    },
  });
}
