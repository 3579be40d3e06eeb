import { z } from 'zod';
import { incident, type HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { WorkerChannel } from '../threads/worker-channel.ts';
import type { HistoryCalls } from './history-desk.ts';
import type { HistoryBatch, HistoryOutcome, HistoryRange, HistoryStore } from './history-store.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';

const storedIncident = incident.extend({ isAnnounced: z.boolean() }) satisfies z.ZodType<StoredIncident>;

/** The history in a thread that is there already: the one that writes the catalog, or one of its own. */
export class ThreadHistory implements HistoryStore {
  readonly #channel: () => Pick<WorkerChannel<HistoryCalls>, 'call'>;
  readonly #file: string;

  /** `channel` throws SHUTTING_DOWN while there is no thread. The folder of `file` must exist. */
  constructor(channel: () => Pick<WorkerChannel<HistoryCalls>, 'call'>, file: string) {
    this.#channel = channel;
    this.#file = file;
  }

  async write(batch: HistoryBatch): Promise<HistoryOutcome> {
    return this.#channel().call('writeHistory', this.#file, batch);
  }

  async read(range: HistoryRange): Promise<HistoryAnswer> {
    return this.#channel().call('readHistory', this.#file, range);
  }

  /** What another version wrote in a form of its own is left out. */
  async incidents(closedSince: number, limit: number): Promise<readonly StoredIncident[]> {
    const bodies = await this.#channel().call('listIncidents', this.#file, closedSince, limit);
    return bodies.flatMap((body) => {
      const parsed = storedIncident.safeParse(parseJson(body));
      return parsed.success ? [parsed.data] : [];
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
