import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { WorkerSettings } from '../sqlite/protocol.ts';
import { startStoreThread } from '../threads/store-thread.ts';
import type { WorkerChannel } from '../threads/worker-channel.ts';
import type { HistoryCalls } from './history-desk.ts';
import type { HistoryBatch, HistoryRange, HistoryStore } from './history-store.ts';
import { ThreadHistory } from './thread-history.ts';

export interface OwnThreadHistoryOptions {
  /** The database; its folder must exist. SQLite keeps `-wal` and `-shm` beside it. */
  readonly file: string;
  /** Hears of a thread that died: every call fails from then on. */
  readonly onCrash: (error: FleetError) => void;
}

/** The history in a thread of its own, for a monitor that runs without an agent. */
export class OwnThreadHistory implements HistoryStore {
  readonly #options: OwnThreadHistoryOptions;
  readonly #history: ThreadHistory;
  #channel: WorkerChannel<HistoryCalls> | null = null;

  constructor(options: OwnThreadHistoryOptions) {
    this.#options = options;
    this.#history = new ThreadHistory(() => this.#open(), options.file);
  }

  /** Starts the thread; the database is opened by the first call. */
  async start(): Promise<void> {
    const channel = startStoreThread<HistoryCalls>('history', this.#options.onCrash);
    await channel.open({ role: 'history', file: this.#options.file, peers: [] } satisfies WorkerSettings);
    this.#channel = channel;
  }

  async stop(): Promise<void> {
    const channel = this.#channel;
    this.#channel = null;
    await channel?.close();
  }

  write(batch: HistoryBatch) {
    return this.#history.write(batch);
  }

  read(range: HistoryRange) {
    return this.#history.read(range);
  }

  incidents(closedSince: number, limit: number) {
    return this.#history.incidents(closedSince, limit);
  }

  #open(): WorkerChannel<HistoryCalls> {
    if (this.#channel === null) throw new FleetError('SHUTTING_DOWN', 'the history is not open');
    return this.#channel;
  }
}
