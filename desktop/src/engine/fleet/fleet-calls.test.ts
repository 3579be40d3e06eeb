import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorClient } from '@imagefleet/shared/common/operator/operator-api.ts';
import { VirtualFleetClock } from '#engine/testing/fleet-clock.ts';
import { FleetCalls } from './fleet-calls.ts';

const SERVERS = ['http://a', 'http://b', 'http://c'];
const LIST = { name: 'listServers', input: { scope: 'fleet' }, mayMoveOn: true } as const;

describe('calls to a fleet', () => {
  let clock: VirtualFleetClock;
  let asked: string[];
  let failing: Map<string, ErrorCode | 'hangs'>;
  let alive: Set<string>;
  let calls: FleetCalls;

  beforeEach(() => {
    clock = new VirtualFleetClock();
    asked = [];
    failing = new Map();
    alive = new Set(SERVERS);
    calls = new FleetCalls({
      clock,
      order: () => SERVERS,
      isAlive: async (server) => Promise.resolve(alive.has(server)),
      client: (server) => (SERVERS.includes(server) ? clientOf(server) : undefined),
    });
  });

  function clientOf(server: string): OperatorClient {
    const answer = async (): Promise<never> => {
      asked.push(server);
      const failure = failing.get(server);
      if (failure === 'hangs') return new Promise(() => undefined);
      if (failure !== undefined) throw new FleetError(failure, `${server}: ${failure}`);
      return Promise.resolve({ servers: [], silent: [server] } as never);
    };
    return { listServers: answer, startVerify: answer } as unknown as OperatorClient;
  }

  it('go to the first server, and name who answered', async () => {
    expect(await calls.ask(LIST)).toEqual({ server: 'http://a', answer: { servers: [], silent: ['http://a'] } });
    expect(asked).toEqual(['http://a']);
  });

  it.each([
    ...(['PEER_UNREACHABLE', 'PEER_TIMEOUT', 'PEER_ANSWER_INVALID', 'SHUTTING_DOWN'] as const),
    ...(['PEER_FAILED', 'PEER_BUSY', 'RATE_LIMITED', 'INTERNAL', 'IO_FAILED'] as const),
  ])('go on to the next one after %s, and ask the failed one last for a while', async (code) => {
    failing.set('http://a', code);
    expect((await calls.ask(LIST)).server).toBe('http://b');
    expect((await calls.ask(LIST)).server).toBe('http://b');
    expect(asked).toEqual(['http://a', 'http://b', 'http://b']);
    failing.clear();
    await clock.pass(10_000);
    expect((await calls.ask(LIST)).server).toBe('http://a');
  });

  it.each(['KEY_WRONG', 'ROLE_MISSING', 'INPUT_INVALID'] as const)('take %s for an answer', async (code) => {
    failing.set('http://a', code);
    await expect(calls.ask(LIST)).rejects.toMatchObject({ code });
    expect(asked).toEqual(['http://a']);
  });

  it.each(['INTERNAL', 'IO_FAILED'] as const)(
    'take %s for an answer of what may have changed something',
    async (code) => {
      failing.set('http://a', code);
      const verify = { name: 'startVerify', input: { waitSeconds: 0 }, mayMoveOn: true } as const;
      await expect(calls.ask(verify)).rejects.toMatchObject({ code });
      failing.set('http://a', 'PEER_FAILED');
      expect((await calls.ask(verify)).server).toBe('http://b');
    },
  );

  it('pass over all that are not there once one is slow, and not one after the other', async () => {
    failing.set('http://a', 'hangs');
    failing.set('http://b', 'hangs');
    alive = new Set(['http://c']);
    let answered: string | undefined;
    void calls.ask(LIST).then(({ server }) => (answered = server));
    await clock.pass(500);
    expect([answered, asked]).toEqual(['http://c', ['http://a', 'http://c']]);
  });

  it('stay at one server where going on would do harm', async () => {
    failing.set('http://a', 'PEER_TIMEOUT');
    await expect(calls.ask({ ...LIST, mayMoveOn: false })).rejects.toMatchObject({ message: 'http://a: PEER_TIMEOUT' });
    await expect(calls.ask({ ...LIST, first: 'http://b', mayMoveOn: false })).resolves.toMatchObject({
      server: 'http://b',
    });
    expect(asked).toEqual(['http://a', 'http://b']);
  });

  it('fail as the last one failed when none answers, each asked once', async () => {
    for (const server of SERVERS) failing.set(server, 'PEER_UNREACHABLE');
    await expect(calls.ask(LIST)).rejects.toMatchObject({
      code: 'PEER_UNREACHABLE',
      message: 'none of 3 servers answered; the last one: http://c: PEER_UNREACHABLE',
    });
    expect(asked).toEqual(SERVERS);
  });

  it('leave a server that takes the call and stands still, and not one that only works long', async () => {
    failing.set('http://a', 'hangs');
    let answered: string | undefined;
    void calls.ask(LIST).then(({ server }) => (answered = server));
    await clock.pass(20_000);
    expect(asked).toEqual(['http://a']);
    alive.delete('http://a');
    await clock.pass(3000);
    expect([answered, clock.timers]).toEqual(['http://b', 0]);
  });
});
