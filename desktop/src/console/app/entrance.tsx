import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient, type QueryCache } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ConsoleHost, Session } from '#console/api/host.ts';
import { SessionProvider, useHost } from '#console/api/host-context.tsx';
import { LiveProvider } from '#console/api/live.tsx';
import { QUERY } from '#console/api/queries.ts';
import { LoginPage } from './login-page.tsx';
import { Shell } from './shell.tsx';
import { Unreachable } from './unreachable.tsx';

/** The door: the login when nobody is logged in, else the console. */
export function Entrance(): ReactNode {
  const host = useHost();
  const client = useQueryClient();
  const session = useQuery({
    queryKey: [QUERY.session],
    queryFn: () => enter(host),
    staleTime: Infinity,
    retry: false,
  });
  useEffect(
    () => onceLoggedOut(client.getQueryCache(), () => void client.resetQueries({ queryKey: [QUERY.session] })),
    [client],
  );
  if (session.isPending) {
    return (
      <Center h="100vh">
        <Loader />
      </Center>
    );
  }
  // Who was logged in stays so until the server says otherwise: an agent that dies while it is asked takes no page away.
  if (session.data === undefined) return <Unreachable error={session.error} onRetry={() => void session.refetch()} />;
  if (session.data.session === null) {
    const onEntered = (entered: Session): void => {
      client.setQueryData<Entered>([QUERY.session], { session: entered, error: null });
    };
    return <LoginPage tokenError={session.data.error} onEntered={onEntered} />;
  }
  return (
    <SessionProvider value={session.data.session}>
      <LiveProvider>
        <Shell />
      </LiveProvider>
    </SessionProvider>
  );
}

interface Entered {
  readonly session: Session | null;
  /** Why the one-time link did not open the door. */
  readonly error: FleetError | null;
}

/** By the one-time link that the page was opened with, or by the session that there is. */
async function enter(host: ConsoleHost): Promise<Entered> {
  const token = host.takeToken();
  if (token === null) return { session: await host.session(), error: null };
  try {
    return { session: await host.login({ token }), error: null };
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    // The link was used up, maybe by a reload of this very page: who is logged in need not log in again.
    return { session: await host.session(), error };
  }
}

/** Any answer may tell that the session has ended. */
function onceLoggedOut(cache: QueryCache, tell: () => void): () => void {
  return cache.subscribe(({ type, query }) => {
    const error: unknown = query.state.error;
    const name = (query.queryKey as readonly unknown[])[0];
    const isOver = error instanceof FleetError && SESSION_OVER.has(error.code) && name !== QUERY.session;
    if (type === 'updated' && isOver) tell();
  });
}

/** The first one without a cookie, the second one with one that is worth nothing any more. */
const SESSION_OVER: ReadonlySet<ErrorCode> = new Set(['KEY_MISSING', 'SESSION_MISSING']);
