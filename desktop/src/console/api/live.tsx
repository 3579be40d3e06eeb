import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { LiveEvent, LiveState } from './host.ts';
import { useHost, useLine, useSession } from './host-context.tsx';
import { QUERY, REFRESH_MS } from './queries.ts';
import { Staleness } from './staleness.ts';

type Hear = (event: LiveEvent) => void;

interface Live {
  readonly state: LiveState;
  readonly hearers: Set<Hear>;
}

/** For tests of a part below it. */
export const LiveContext = createContext<Live>({ state: 'connecting', hearers: new Set() });

/** One event stream for the whole console: makes answers old as events come, and hands events on. */
export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const host = useHost();
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const [hearers] = useState(() => new Set<Hear>());
  // Without the role the server refuses, and asking again and again would look like a server that is gone.
  const isReader = useSession().roles.includes('read');
  useEffect(() => {
    if (!isReader) return undefined;
    const staleness = new Staleness(client);
    const end = host.listen({
      onState: (next) => {
        setState(next);
        // Whatever happened while nothing was heard.
        if (next === 'live') void client.invalidateQueries({ predicate: ({ queryKey }) => !isLongList(queryKey) });
      },
      onEvent: (event) => {
        staleness.add(event.kind);
        for (const hear of hearers) hear(event);
      },
    });
    return () => {
      end();
      staleness.stop();
    };
  }, [host, client, hearers, isReader]);
  const called = useCalledState();
  return <LiveContext.Provider value={{ state: isReader ? state : called, hearers }}>{children}</LiveContext.Provider>;
}

/** A list of thousands costs a call a page: it says that there may be more, and is asked for when somebody wants it. */
function isLongList([name]: readonly unknown[]): boolean {
  return name === QUERY.imageList;
}

/** Where no stream may be heard, the calls tell; while they fail it is asked whether the server is there again. */
function useCalledState(): LiveState {
  const host = useHost();
  const line = useLine();
  const isAnswered = useSyncExternalStore(line.subscribe, line.isAnswered);
  const isReader = useSession().roles.includes('read');
  const isLost = isAnswered === false;
  useEffect(() => {
    if (isReader || !isLost) return undefined;
    // The line sees the answer. At once, for a single call may fail by itself.
    const probe = (): void => void host.session().catch(() => undefined);
    probe();
    const timer = setInterval(probe, REFRESH_MS);
    return () => clearInterval(timer);
  }, [host, isReader, isLost]);
  if (isLost) return 'lost';
  return isAnswered === null ? 'connecting' : 'live';
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
