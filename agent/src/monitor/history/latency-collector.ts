import type { MinuteOfServer } from '#store/history/history-store.ts';
import { floorTo, MINUTE_MS, SAMPLED_SERVERS } from '#store/history/latency-levels.ts';
import { MinuteOfProbes } from './minute-of-probes.ts';

/** The minute that runs, of one server; one that is over is handed on. */
export class ServerLatencies {
  readonly #server: string;
  readonly #collector: LatencyCollector;
  #minute: MinuteOfProbes | undefined;
  #isSampled: boolean | undefined;

  constructor(server: string, collector: LatencyCollector) {
    this.#server = server;
    this.#collector = collector;
  }

  /** `latencyMs` is null for a failure. */
  add(at: number, latencyMs: number | null): void {
    if (this.#minute === undefined || at < this.#minute.at || at >= this.#minute.at + MINUTE_MS) this.#begin(at);
    this.#minute?.add(at, latencyMs);
  }

  /** What the minute has so far; what comes later in it is added to that. */
  handOver(): void {
    if (this.#minute === undefined) return;
    this.#collector.handOn(this.#minute.result(this.#server));
    this.#minute = undefined;
  }

  #begin(at: number): void {
    this.handOver();
    this.#isSampled ??= this.#collector.countIn() <= SAMPLED_SERVERS;
    this.#minute = new MinuteOfProbes(floorTo(MINUTE_MS, at), this.#isSampled);
  }
}

/**
 * The minutes that run. Single probes are kept of the servers of which something came first: those of all servers of a
 * large fleet would be gigabytes an hour.
 */
export class LatencyCollector {
  readonly handOn: (minute: MinuteOfServer) => void;
  readonly #servers = new Map<string, ServerLatencies>();
  #begun = 0;

  constructor(handOn: (minute: MinuteOfServer) => void) {
    this.handOn = handOn;
  }

  /** Servers of which something came. */
  get size(): number {
    return this.#begun;
  }

  /** Always the same for a server. */
  of(server: string): ServerLatencies {
    const known = this.#servers.get(server);
    if (known !== undefined) return known;
    const latencies = new ServerLatencies(server, this);
    this.#servers.set(server, latencies);
    return latencies;
  }

  /** For a server of which something comes for the first time: how many there are with it. */
  countIn(): number {
    this.#begun += 1;
    return this.#begun;
  }

  handOver(server: string): void {
    this.#servers.get(server)?.handOver();
  }

  handOverAll(): void {
    for (const server of this.#servers.values()) server.handOver();
  }
}
