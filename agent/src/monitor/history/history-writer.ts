import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { HistoryOutcome, HistoryStore } from '#store/history/history-store.ts';
import type { HistoryOutbox } from './history-outbox.ts';

/** Parcels that are written in a row; more than ever wait. */
const MAX_PARCELS = 100;

export interface HistoryWriterOptions {
  readonly store: HistoryStore;
  readonly outbox: HistoryOutbox;
  readonly logger: Logger;
  readonly servers: () => number;
  readonly pruneAt: () => number | null;
  /** The store has no run to which entries could belong. */
  readonly onRunMissing: () => void;
  /** The store does not believe the clock of the present run. */
  readonly onClockRefused: () => void;
}

/** Brings what waits to the store, one parcel after the other. It never fails: it says so once, and tries again. */
export class HistoryWriter {
  readonly #options: HistoryWriterOptions;
  #running: Promise<boolean> | null = null;
  #failing: string | null = null;
  #isRefused = false;

  constructor(options: HistoryWriterOptions) {
    this.#options = options;
  }

  /** Writes a parcel, unless one is on its way. */
  async writeOne(): Promise<void> {
    if (this.#running === null) await this.#next();
  }

  /** Writes until nothing waits, or the store fails. */
  async drain(): Promise<void> {
    await this.#running;
    for (let count = 0; count < MAX_PARCELS && !this.#options.outbox.isEmpty; count += 1) {
      if (!(await this.#next())) return;
    }
  }

  /** Whether a parcel was written; callers that come together share one. */
  #next(): Promise<boolean> {
    this.#running ??= this.#write().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #write(): Promise<boolean> {
    const { outbox, store, servers, pruneAt } = this.#options;
    const parcel = outbox.take();
    try {
      const outcome = await store.write({ ...parcel, servers: servers(), pruneAt: pruneAt() });
      this.#works();
      this.#heed(outcome);
      return true;
    } catch (error) {
      outbox.putBack(parcel);
      this.#fails(error);
      return false;
    }
  }

  #heed(outcome: HistoryOutcome): void {
    if (outcome === 'noRun') this.#options.onRunMissing();
    if (outcome === 'clockBehind') {
      if (!this.#isRefused) this.#options.logger.warn('history.clockBehind', { code: 'HISTORY_UNAVAILABLE' });
      this.#options.onClockRefused();
    }
    this.#isRefused = outcome === 'clockBehind';
  }

  #works(): void {
    this.#tellLosses();
    if (this.#failing !== null) this.#options.logger.info('history.works', {});
    this.#failing = null;
  }

  /** Once for each kind of failure in a row: a disk that is full is so every two seconds. */
  #fails(error: unknown): void {
    const { code, message } =
      error instanceof FleetError ? error : new FleetError('INTERNAL', `the history failed: ${String(error)}`);
    if (this.#options.outbox.hasLostChanges) this.#tellLosses();
    if (this.#failing === message) return;
    this.#failing = message;
    this.#options.logger.error('history.failing', { code, message });
  }

  #tellLosses(): void {
    const lost = this.#options.outbox.takeLosses();
    if (lost.changes + lost.minutes + lost.incidents === 0) return;
    this.#options.logger.error('history.lost', { code: 'HISTORY_UNAVAILABLE', ...lost });
  }
}
