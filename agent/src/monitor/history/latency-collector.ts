import type { MinuteOfServer } from '#store/history/history-store.ts';
import { floorTo, MINUTE_MS, SAMPLED_SERVERS } from '#store/history/latency-levels.ts';
import { MinuteOfProbes } from './minute-of-probes.ts';

/** The minute that runs, of every server; one that is over is handed on. */
export class LatencyCollector {
  readonly #handOn: (minute: MinuteOfServer) => void;
  readonly #minutes = new Map<string, MinuteOfProbes>();
  /** Those that came first: single probes of all servers of a large fleet would be gigabytes an hour. */
  readonly #sampled = new Set<string>();

  constructor(handOn: (minute: MinuteOfServer) => void) {
    this.#handOn = handOn;
  }

  /** Servers of which something came. */
  get size(): number {
    return this.#minutes.size;
  }

  /** `latencyMs` is null for a failure. */
  add(server: string, at: number, latencyMs: number | null): void {
    const minuteAt = floorTo(MINUTE_MS, at);
    let minute = this.#minutes.get(server);
    if (minute?.at !== minuteAt) {
      if (minute !== undefined) this.handOver(server);
      if (this.#sampled.size < SAMPLED_SERVERS) this.#sampled.add(server);
      minute = new MinuteOfProbes(minuteAt, this.#sampled.has(server));
      this.#minutes.set(server, minute);
    }
    minute.add(at, latencyMs);
  }

  /** What the minute has so far; what comes later in it is added to that. */
  handOver(server: string): void {
    const minute = this.#minutes.get(server);
    if (minute === undefined || minute.isEmpty) return;
    this.#handOn(minute.result(server));
    this.#minutes.set(server, new MinuteOfProbes(minute.at, this.#sampled.has(server)));
  }

  handOverAll(): void {
    for (const server of this.#minutes.keys()) this.handOver(server);
  }
}
