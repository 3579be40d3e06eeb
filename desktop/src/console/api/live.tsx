import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import type { LiveEvent, LiveState } from './host.ts';
import { useHost } from './host-context.tsx';
import { QUERY } from './queries.ts';

/** Answers are asked for again at most this often, however many events come. */
const GAP_MS = 400;

/** What each kind of event makes old. */
const STALE: Readonly<Record<LiveEvent['kind'], readonly string[]>> = {
  server: [QUERY.servers, QUERY.history],
  incident: [QUERY.servers, QUERY.history],
  delivery: [QUERY.summary, QUERY.deliveries, QUERY.servers],
  image: [QUERY.images],
  progress: [QUERY.summary, QUERY.deliveries],
};

type Hear = (event: LiveEvent) => void;

interface Live {
  readonly state: LiveState;
  readonly hearers: Set<Hear>;
}

const LiveContext = createContext<Live>({ state: 'connecting', hearers: new Set() });

/** One event stream for the whole console: makes answers old as events come, and hands events on. */
export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const host = useHost();
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const [hearers] = useState(() => new Set<Hear>());
  useEffect(() => {
    const staleness = new Staleness(client);
    const end = host.listen({
      onState: (next) => {
        setState(next);
        // Whatever happened while nothing was heard.
        if (next === 'live') void client.invalidateQueries();
      },
      onEvent: (event) => {
        staleness.add(STALE[event.kind]);
        for (const hear of hearers) hear(event);
      },
    });
    return () => {
      end();
      staleness.stop();
    };
  }, [host, client, hearers]);
  return <LiveContext.Provider value={{ state, hearers }}>{children}</LiveContext.Provider>;
}

export function useLiveState(): LiveState {
  return useContext(LiveContext).state;
}

/** Calls `hear` with every event while the component is shown. Give the same function each time (useCallback). */
export function useLiveEvents(hear: Hear): void {
  const { hearers } = useContext(LiveContext);
  useEffect(() => {
    hearers.add(hear);
    return () => void hearers.delete(hear);
  }, [hearers, hear]);
}

/** Gathers what is old, so that thousands of events cost a few questions. */
class Staleness {
  readonly #client: QueryClient;
  readonly #names = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  add(names: readonly string[]): void {
    for (const name of names) this.#names.add(name);
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
