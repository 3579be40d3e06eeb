import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from './host.ts';
import { QUERY } from './queries.ts';

/** Answers are asked for again at most this often, however many events come. */
const GAP_MS = 400;

/** What each kind of event makes old. */
const STALE: Readonly<Record<LiveEvent['kind'], readonly string[]>> = {
  server: [QUERY.servers, QUERY.history],
  incident: [QUERY.servers, QUERY.history],
  delivery: [QUERY.summary, QUERY.servers],
  image: [QUERY.images],
  progress: [QUERY.summary],
};

/** Gathers what events make old, so that thousands of them cost a few questions. */
export class Staleness {
  readonly #client: QueryClient;
  readonly #names = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  add(kind: LiveEvent['kind']): void {
    for (const name of STALE[kind]) this.#names.add(name);
    this.#timer ??= setTimeout(() => this.#flush(), GAP_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    for (const name of this.#names) {
      // Asked anew before it is answered, a question would never be answered while events keep coming.
      if (this.#client.isFetching({ queryKey: [name] }) > 0) continue;
      this.#names.delete(name);
      void this.#client.invalidateQueries({ queryKey: [name] });
    }
    if (this.#names.size > 0) this.#timer = setTimeout(() => this.#flush(), GAP_MS);
  }
}
