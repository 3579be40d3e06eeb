import { createContext, useContext } from 'react';
import type { ConsoleHost, Session } from './host.ts';

const HostContext = createContext<ConsoleHost | null>(null);
const SessionContext = createContext<Session | null>(null);

export const HostProvider = HostContext.Provider;
export const SessionProvider = SessionContext.Provider;

export function useHost(): ConsoleHost {
  const host = useContext(HostContext);
  if (host === null) throw new Error('the console is not inside a HostProvider');
  return host;
}

/** Who is logged in; only below the login. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('nobody is logged in here');
  return session;
}
