import type { QueryClient } from '@tanstack/react-query';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ConsoleHost, Session } from '#console/api/host.ts';
import { endWork, goOnAs, suspendWork } from '#console/api/ongoing-work.ts';
import { QUERY } from '#console/api/queries.ts';
import { askForSession, isSessionOver } from '#console/api/session-over.ts';

/** Kept as the answer to QUERY.session. */
export interface Entered {
  readonly session: Session | null;
  /** Why the one-time link did not open the door. */
  readonly error: FleetError | null;
}

interface Door {
  readonly host: ConsoleHost;
  readonly client: QueryClient;
}

/** By the one-time link that the page was opened with, or by the session that there is. */
export async function enter(door: Door): Promise<Entered> {
  const token = door.host.takeToken();
  return token === null ? passed(await door.host.session(), door) : enterByLink(token, door);
}

/**
 * A login link that is opened in a tab with the console changes nothing but what stands behind the `#`, so that the page is
 * not loaded anew. Ends with the returned function.
 */
export function watchLinks(door: Door, page: EventTarget): () => void {
  const onHash = (): void => {
    const token = door.host.takeToken();
    if (token !== null) void enterHere(token, door);
  };
  page.addEventListener('hashchange', onHash);
  return () => page.removeEventListener('hashchange', onHash);
}

async function enterHere(token: string, door: Door): Promise<void> {
  const { client } = door;
  try {
    client.setQueryData<Entered>([QUERY.session], await enterByLink(token, door));
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    // Who was logged in stays so, and the page that shows the login says why.
    const session = client.getQueryData<Entered>([QUERY.session])?.session ?? null;
    client.setQueryData<Entered>([QUERY.session], { session, error });
  }
}

async function enterByLink(token: string, door: Door): Promise<Entered> {
  const { host } = door;
  try {
    return passed(await host.login({ token }), door);
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    // The link was used up, maybe by a reload of this very page: who is logged in need not log in again.
    return { ...passed(await host.session(), door), error };
  }
}

export function enterAs(session: Session, door: Door): void {
  door.client.setQueryData<Entered>([QUERY.session], passed(session, door));
}

/** Fails when the server cannot end the session; then everything stays as it is. */
export async function logout(door: Door): Promise<void> {
  await door.host.logout();
  endWork(door.host);
  door.client.setQueryData<Entered>([QUERY.session], passed(null, door));
}

/** Any answer may tell that the session has ended: the server is asked then. Ends with the returned function. */
export function watchSession(client: QueryClient): () => void {
  return client.getQueryCache().subscribe(({ type, query }) => {
    const error: unknown = query.state.error;
    const name = (query.queryKey as readonly unknown[])[0];
    const isOver = error instanceof FleetError && isSessionOver(error.code) && name !== QUERY.session;
    if (type === 'updated' && isOver) void askForSession(client);
  });
}

/** Somebody comes or goes, in whatever way: nothing of what one operator saw or does is there for the next one. */
function passed(session: Session | null, { host, client }: Door): Entered {
  // A session that is over by itself takes no uploads away: its operator may log in again.
  if (session === null) suspendWork(host);
  else goOnAs(host, session.keyName ?? '');
  const before = client.getQueryData<Entered>([QUERY.session])?.session;
  if (session === null || before?.keyName !== session.keyName)
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== QUERY.session });
  return { session, error: null };
}
