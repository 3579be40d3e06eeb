import { createContext, useContext } from 'react';
import type { DesktopFeatures } from './desktop-features.ts';
import type { ConsoleHost, Session } from './host.ts';
import type { Line } from './line.ts';

const HostContext = createContext<ConsoleHost | null>(null);
const LineContext = createContext<Line | null>(null);
const SessionContext = createContext<Session | null>(null);

export const HostProvider = HostContext.Provider;
export const LineProvider = LineContext.Provider;
export const SessionProvider = SessionContext.Provider;

export function useHost(): ConsoleHost {
  const host = useContext(HostContext);
  if (host === null) throw new Error('the console is not inside a HostProvider');
  return host;
}

/** Only below what is shown where `capabilities.desktop` is there. */
export function useDesktop(): DesktopFeatures {
  const { desktop } = useHost().capabilities;
  if (desktop === null) throw new Error('this page is one of the desktop app');
  return desktop;
}

export function useLine(): Line {
  const line = useContext(LineContext);
  if (line === null) throw new Error('the console is not inside a LineProvider');
  return line;
}

/** Who is logged in; only below the login. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('nobody is logged in here');
  return session;
}
