import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import type { LiveEvent, LiveState } from './host.ts';
import { useHost, useSession } from './host-context.tsx';
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
        if (next === 'live') void client.invalidateQueries();
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
