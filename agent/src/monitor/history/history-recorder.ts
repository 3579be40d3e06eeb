import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { HealthTransition, ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { HistoryStore } from '#store/history/history-store.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';
import { HOUR_MS } from '#store/history/latency-levels.ts';
import { withinLimit } from '../within-limit.ts';
import type { HistoryRange } from '../monitor-view.ts';
import type { HealthHistory } from './health-history.ts';
import { advance, isSettled, startClock, type Clocks, type HistoryClock } from './history-clock.ts';
import { HistoryOutbox } from './history-outbox.ts';
import { HistoryWriter } from './history-writer.ts';
import { LatencyCollector } from './latency-collector.ts';

/** How often what waits is written, and with it the sign that the monitor is alive. */
const FLUSH_MS = 2000;
const READ_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 5000;

export interface HistoryRecorderOptions {
  readonly store: HistoryStore;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  readonly logger: Logger;
}

/**
 * Notes what the monitor sees, and hands it to the store every few seconds. Noting is a few assignments: neither a probe nor
 * a verdict ever waits for the disk. While it fails, what is new waits here within bounds, and it is tried again.
 */
export class HistoryRecorder implements HealthHistory {
  readonly #options: HistoryRecorderOptions;
  readonly #outbox = new HistoryOutbox();
  readonly #latencies: LatencyCollector;
  readonly #writer: HistoryWriter;
  readonly #states = new Map<string, ServerState>();
  #clock: HistoryClock | null = null;
  #timer: NodeJS.Timeout | undefined;
  #prunedMs: number | null = null;

  constructor(options: HistoryRecorderOptions) {
    this.#options = options;
    this.#latencies = new LatencyCollector((minute) => this.#outbox.addMinute(minute));
    this.#writer = new HistoryWriter({
      ...{ store: options.store, outbox: this.#outbox, logger: options.logger },
      servers: () => Math.max(this.#states.size, this.#latencies.size),
      pruneAt: () => this.#pruneAt(),
      onRunMissing: () => this.#beginRun(),
      onClockRefused: () => this.#insistWhenSettled(),
    });
  }

  async start(): Promise<void> {
    this.#clock = startClock(this.#look());
    this.#beginRun();
    this.#timer = setInterval(() => void this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  observer(server: string): (observation: Observation, at: number) => void {
    const latencies = this.#latencies.of(server);
    return (observation, at) => {
      // Says nothing of the server.
      if (observation.kind === 'ownFailure') return;
      latencies.add(at, observation.kind === 'success' ? observation.latencyMs : null);
    };
  }

  changed({ server, from, to, lastedMs, cause, isConfirmed }: HealthTransition): void {
    const at = this.#moveOn();
    this.#states.set(server, to);
    const facts = { from, lastedMs: Math.max(0, Math.round(lastedMs)), cause, isConfirmed };
    this.#note({ kind: 'change', server, at, state: to, facts });
  }

  async read(server: string, query: HistoryRange): Promise<HistoryAnswer> {
    this.#latencies.handOver(server);
    this.#heartbeat();
    const answer = this.#writer.drain().then(() => this.#options.store.read({ server, ...query }));
    return withinLimit(answer, READ_LIMIT_MS, () => {
      throw new FleetError('HISTORY_UNAVAILABLE', 'the history did not answer in time');
    });
  }

  /** Keeps an incident; returns when it is written, or when it is known that it has to wait. */
  async keepIncident(incident: StoredIncident): Promise<void> {
    this.#outbox.addIncident(incident);
    await this.#writer.drain();
  }

  /** Incidents that are open or ended since then; fails with HISTORY_UNAVAILABLE. The newest last. */
  async incidents(closedSince: number, limit: number): Promise<readonly StoredIncident[]> {
    return withinLimit(this.#options.store.incidents(closedSince, limit), READ_LIMIT_MS, () => {
      throw new FleetError('HISTORY_UNAVAILABLE', 'the history did not answer in time');
    });
  }

  async stop(): Promise<void> {
    if (this.#clock === null) return;
    clearInterval(this.#timer);
    this.#latencies.handOverAll();
    this.#heartbeat();
    await withinLimit(this.#writer.drain(), STOP_LIMIT_MS, () => {
      this.#options.logger.warn('history.cutShort', { limitMs: STOP_LIMIT_MS });
    });
    this.#clock = null;
  }

  async #flush(): Promise<void> {
    this.#heartbeat();
    await this.#writer.writeOne();
  }

  #heartbeat(): void {
    if (this.#clock !== null) this.#note({ kind: 'until', at: this.#moveOn() });
  }

  /** Looks at the clocks; a jump of the wall clock ends one run and begins another. Where the history is now. */
  #moveOn(): number {
    const before = this.#clock ?? startClock(this.#look());
    const { clock, step } = advance(before, this.#look());
    this.#clock = clock;
    if (step.kind === 'on') return step.at;
    const lived = step.kind === 'forward' ? step.lived : step.at;
    if (lived > before.at) this.#note({ kind: 'until', at: lived });
    this.#options.logger.warn('history.clockJumped', { kind: step.kind, from: lived, to: step.at });
    this.#beginRun();
    return step.at;
  }

  #note(entry: Parameters<HistoryOutbox['add']>[0]): void {
    if (!this.#outbox.add(entry)) this.#beginRun();
  }

  /** States go on over a jump of the clock; what the new run does not know of, it would take for unknown. */
  #beginRun(): void {
    if (this.#clock === null) return;
    const { at } = this.#clock;
    this.#outbox.add({ kind: 'run', at, isSettled: isSettled(this.#clock) });
    for (const [server, state] of this.#states) {
      if (state !== 'unknown') this.#outbox.add({ kind: 'change', server, at, state, facts: null });
    }
  }

  #insistWhenSettled(): void {
    if (this.#clock !== null && isSettled(this.#clock)) this.#beginRun();
  }

  /** Once an hour, by a clock that is believed. */
  #pruneAt(): number | null {
    if (this.#clock === null || !isSettled(this.#clock)) return null;
    const { monotonicMs } = this.#clock.seen;
    if (this.#prunedMs !== null && monotonicMs - this.#prunedMs < HOUR_MS) return null;
    this.#prunedMs = monotonicMs;
    return this.#clock.at;
  }

  #look(): Clocks {
    return { wallMs: this.#options.now(), monotonicMs: this.#options.monotonic() };
  }
}
