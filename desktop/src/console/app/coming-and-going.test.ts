import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { ConsoleHost, Session } from '#console/api/host.ts';
import { registerWork } from '#console/api/ongoing-work.ts';
import { QUERY } from '#console/api/queries.ts';
import { enter, enterAs, logout, watchLinks, watchSession, type Entered } from './coming-and-going.ts';

function sessionOf(keyName: string): Session {
  return { server: 's1', keyName, roles: ['upload', 'read'], servers: [] };
}

/** Anna at the console, with an answer that she has seen and work that goes on. */
function start() {
  const server = { session: sessionOf('anna') as Session | null, asked: 0, isGone: false };
  const address = { token: null as string | null };
  const reach = <T>(answer: () => T): Promise<T> =>
    server.isGone ? Promise.reject(new FleetError('PEER_UNREACHABLE', 'gone')) : Promise.resolve(answer());
  const host = {
    takeToken: () => {
      const { token } = address;
      address.token = null;
      return token;
    },
    login: ({ token }: { readonly token: string }) =>
      reach(() => {
        if (token === 'used') throw new FleetError('TOKEN_WRONG', 'used');
        return (server.session = sessionOf(token));
      }),
    session: () => reach(() => ((server.asked += 1), server.session)),
    logout: () => reach(() => void (server.session = null)),
  } as unknown as ConsoleHost;
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const door = { host, client };
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  enterAs(sessionOf('anna'), door);
  client.setQueryData([QUERY.images], 'what anna saw');
  registerWork(host, {
    ...{ owner: 'anna', isBusy: () => true },
    ...{ suspend: tell('suspend'), goOn: tell('goOn'), end: tell('end') },
  });
  const observer = new QueryObserver<Entered>(client, {
    ...{ queryKey: [QUERY.session], queryFn: () => enter(door), staleTime: Infinity },
  });
  const page = new EventTarget();
  const open = (token: string): void => {
    address.token = token;
    page.dispatchEvent(new Event('hashchange'));
  };
  const leave = [observer.subscribe(() => undefined), watchSession(client), watchLinks(door, page)];
  const stop = (): void => leave.forEach((end) => end());
  const entered = () => client.getQueryData<Entered>([QUERY.session])?.session?.keyName;
  const seen = () => client.getQueryData([QUERY.images]);
  const fail = async (code: ErrorCode): Promise<void> => {
    const queryFn = (): never => {
      throw new FleetError(code, 'x');
    };
    await Promise.allSettled(['a', 'b'].map((name) => client.query({ queryKey: [name], queryFn })));
  };
  return { server, address, client, door, told, entered, seen, fail, open, stop };
}

describe('a session that is over by itself', () => {
  it.each<ErrorCode>(['KEY_MISSING', 'SESSION_MISSING'])(
    'is noticed by any answer with %s, and leaves no answer to the next operator',
    async (code) => {
      const { server, told, entered, seen, fail, stop } = start();
      server.session = null;
      await fail(code);
      await expect.poll(entered).toBeUndefined();
      expect([seen(), told, server.asked]).toEqual([undefined, ['suspend'], 1]);
      stop();
    },
  );

  it('lets the work of the same key go on, and ends it for another key', async () => {
    for (const [next, outcome] of [
      ['anna', 'goOn'],
      ['bert', 'end'],
    ] as const) {
      const { server, door, told, entered, seen, fail, stop } = start();
      server.session = null;
      await fail('SESSION_MISSING');
      await expect.poll(entered).toBeUndefined();
      enterAs(sessionOf(next), door);
      expect([entered(), seen(), told]).toEqual([next, undefined, ['suspend', outcome]]);
      stop();
    }
  });

  it('and another one in its place, from another tab, ends the work as well', async () => {
    const { server, told, entered, seen, fail, stop } = start();
    server.session = sessionOf('bert');
    await fail('SESSION_MISSING');
    await expect.poll(entered).toBe('bert');
    expect([seen(), told]).toEqual([undefined, ['end']]);
    stop();
  });

  it('is not what other failures mean, nor one that the server does not confirm', async () => {
    const { server, told, entered, seen, fail, stop } = start();
    await fail('ROLE_MISSING');
    expect(server.asked).toBe(0);
    await fail('KEY_MISSING');
    await expect.poll(() => server.asked).toBe(1);
    server.isGone = true;
    await fail('KEY_MISSING');
    expect([entered(), seen(), told]).toEqual(['anna', 'what anna saw', ['goOn']]);
    stop();
  });
});

describe('a logout', () => {
  it('ends the work and forgets the answers', async () => {
    const { door, told, entered, seen, stop } = start();
    await logout(door);
    expect([entered(), seen(), told]).toEqual([undefined, undefined, ['end']]);
    stop();
  });

  it('that fails leaves everything as it is, and can be tried again', async () => {
    const { server, door, told, entered, seen, stop } = start();
    server.isGone = true;
    await expect(logout(door)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    expect([entered(), seen(), told]).toEqual(['anna', 'what anna saw', []]);
    server.isGone = false;
    await logout(door);
    expect([entered(), told]).toEqual([undefined, ['end']]);
    stop();
  });
});

describe('a login link that is opened in the tab of the console', () => {
  it('is out of the address at once, and logs in', async () => {
    const { address, told, entered, open, stop } = start();
    open('bert');
    expect([address.token, entered()]).toEqual([null, 'anna']);
    await expect.poll(entered).toBe('bert');
    expect(told).toEqual(['end']);
    stop();
  });

  it('leaves everything as it is when it is used up or the server is gone', async () => {
    const { server, client, told, entered, seen, open, stop } = start();
    const problem = () => client.getQueryData<Entered>([QUERY.session])?.error?.code;
    open('used');
    await expect.poll(problem).toBe('TOKEN_WRONG');
    server.isGone = true;
    open('bert');
    await expect.poll(problem).toBe('PEER_UNREACHABLE');
    expect([entered(), seen(), told]).toEqual(['anna', 'what anna saw', ['goOn']]);
    stop();
  });
});
