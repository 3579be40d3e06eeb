import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { HistoryEngine } from '#store/history/history-engine.ts';
import { openHistory } from '#store/history/history-schema.ts';
import type { HistoryBatch, HistoryOutcome, HistoryRange, HistoryStore } from '#store/history/history-store.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';

/** The real engine without a disk and without a thread; a test makes it fail or hang. */
export class MemoryHistory implements HistoryStore {
  readonly #database = openHistory(':memory:');
  readonly #engine = new HistoryEngine(this.#database);
  /** What every call does beside the work. */
  mode: 'works' | 'fails' | 'hangs' = 'works';
  writes = 0;

  async write(batch: HistoryBatch): Promise<HistoryOutcome> {
    this.writes += 1;
    await this.#fault();
    return this.#engine.write(batch);
  }

  async read(range: HistoryRange): Promise<HistoryAnswer> {
    await this.#fault();
    return this.#engine.read(range);
  }

  async incidents(closedSince: number, limit: number): Promise<readonly StoredIncident[]> {
    await this.#fault();
    return this.#engine.incidents(closedSince, limit).map((body) => JSON.parse(body) as StoredIncident);
  }

  close(): void {
    if (this.#database.isOpen) this.#engine.close();
  }

  async #fault(): Promise<void> {
    if (this.mode === 'fails') throw new FleetError('HISTORY_UNAVAILABLE', 'the history is locked');
    if (this.mode === 'hangs') await new Promise(() => undefined);
  }
}
