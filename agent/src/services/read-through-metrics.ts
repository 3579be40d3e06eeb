import { Counter, type Registry } from 'prom-client';
import type { FetchOutcome } from './read-through.ts';

/** What visitors asked for that was not here, for /metrics. */
export class ReadThroughMetrics {
  readonly #fetches: Counter<'outcome'>;
  readonly #bytes: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#fetches = new Counter({
      name: 'imagefleet_read_through_total',
      help: 'Images that were asked for, missing here and looked for on the other servers, by outcome; relayed ones once for each visitor.',
      labelNames: ['outcome'],
      registers,
    });
    this.#bytes = new Counter({
      name: 'imagefleet_read_through_bytes_total',
      help: 'Bytes of images that were brought from other servers because somebody asked for them.',
      registers,
    });
  }

  fetched(outcome: FetchOutcome, sizeBytes: number): void {
    this.#fetches.inc({ outcome });
    this.#bytes.inc(sizeBytes);
  }
}
