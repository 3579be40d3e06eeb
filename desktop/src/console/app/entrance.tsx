import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import type { Session } from '#console/api/host.ts';
import { SessionProvider, useHost } from '#console/api/host-context.tsx';
import { LiveProvider } from '#console/api/live.tsx';
import { QUERY } from '#console/api/queries.ts';
import { enter, enterAs, watchLinks, watchSession } from './coming-and-going.ts';
import { LoginPage } from './login-page.tsx';
import { Shell } from './shell.tsx';
import { Unreachable } from './unreachable.tsx';

/** The door: the login when nobody is logged in, else the console. */
export function Entrance(): ReactNode {
  const host = useHost();
  const client = useQueryClient();
  const session = useQuery({
    queryKey: [QUERY.session],
    queryFn: () => enter({ host, client }),
    staleTime: Infinity,
    retry: false,
  });
  useEffect(() => watchSession(client), [client]);
  useEffect(() => watchLinks({ host, client }, window), [host, client]);
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
    const onEntered = (entered: Session): void => enterAs(entered, { host, client });
    return <LoginPage linkError={session.data.error} onEntered={onEntered} />;
  }
  return (
    // Another operator, as after a login in another tab, begins with pages that have shown nothing yet.
    <SessionProvider key={session.data.session.keyName} value={session.data.session}>
      <LiveProvider>
        <Shell />
      </LiveProvider>
    </SessionProvider>
  );
}
