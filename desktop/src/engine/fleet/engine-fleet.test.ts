import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import type { LiveEvent, LiveState } from '@imagefleet/shared/common/operator/live-events.ts';
import type { FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import type { HeardState } from '#engine/queue/upload-ports.ts';
import { preferredOrder } from '#engine/target/preferred-order.ts';
import { fakeAgentClient, type FakeAgent } from '#engine/testing/fake-agent-client.ts';
import { VirtualFleetClock } from '#engine/testing/fleet-clock.ts';
import { EngineFleet } from './engine-fleet.ts';
import type { StreamRequest } from './event-stream.ts';
import type { ProbeMachine } from './own-probes.ts';
import type { FleetBack, IncidentNews } from './fleet-incident.ts';

const SERVERS = ['http://10.0.0.1:7401', 'http://10.0.0.2:7401', 'http://10.0.0.3:7401'];
const [FIRST = '', SECOND = '', THIRD = ''] = preferredOrder(SERVERS, 'machine');
const SILENT: Observation = { kind: 'silence', cause: { code: 'PROBE_TIMEOUT', message: 'text' } };
const ANSWERED: Observation = { kind: 'success', latencyMs: 1 };
const REFUSED: Observation = { kind: 'failure', cause: { code: 'PROBE_REFUSED', message: 'text' } };

describe('the fleet of the engine', () => {
  let clock: VirtualFleetClock;
  let dead: Set<string>;
  let stateOf: Map<string, ServerState>;
  let seen: Observation;
  let streams: Map<string, StreamRequest & { readonly end: (error: FleetError) => void }>;
  let heard: (readonly HeardState[])[];
  let news: string[];
  let backs: FleetBack[];
  let refusal: ErrorCode | undefined;
  let keys: (string | undefined)[];
  let machine: ProbeMachine;
  let fleet: EngineFleet;

  beforeEach(() => {
    clock = new VirtualFleetClock();
    dead = new Set();
    stateOf = new Map(SERVERS.map((server) => [server, 'up']));
    seen = SILENT;
    streams = new Map();
    heard = [];
    news = [];
    backs = [];
    refusal = undefined;
    keys = [];
    machine = {
      connect: async () => Promise.resolve(seen),
      ownHosts: async () => Promise.resolve(new Set()),
      hasAddress: () => true,
    };
    fleet = new EngineFleet({
      ...{ servers: SERVERS, key: 'K', machineKey: 'machine', clock, newId: () => String(Math.random()) },
      target: { heard: (states) => heard.push(states) },
      connect: clientOf,
      isAlive: async (server) => Promise.resolve(!dead.has(server)),
      openStream: (key) => async (request) => {
        keys.push(key());
        reach(request.server);
        const { promise, resolve } = Promise.withResolvers<FleetError>();
        streams.set(request.server, { ...request, end: resolve });
        return Promise.resolve({ ended: promise });
      },
      machine,
    });
    fleet.onBack((back) => backs.push(back));
    fleet.onIncident(({ what, incident: { kind, servers } }: IncidentNews) =>
      news.push([what, kind, ...servers].join(' ')),
    );
  });
  afterEach(() => fleet.close());

  function reach(server: string): void {
    if (refusal !== undefined) throw new FleetError(refusal, 'the key lacks the role read');
    if (dead.has(server)) throw new FleetError('PEER_UNREACHABLE', server);
  }
  const nameOf = (server: string): string => `s${String(SERVERS.indexOf(server) + 1)}`;
  const agentAt = (url: string): FakeAgent => ({ name: nameOf(url), url });
  function clientOf(server: string): FleetClient {
    const reachIt = (): void => reach(server);
    return fakeAgentClient({ own: agentAt(server), fleet: SERVERS.map(agentAt), stateOf, reach: reachIt });
  }
  function connectOnlyTo(servers: ReadonlySet<string>): void {
    machine.connect = async ({ host }) =>
      Promise.resolve([...servers].some((url) => url.includes(host)) ? ANSWERED : REFUSED);
  }
  function kill(...servers: readonly string[]): void {
    for (const server of servers) {
      dead.add(server);
      stateOf.set(server, 'down');
      streams.get(server)?.end(new FleetError('PEER_UNREACHABLE', server));
    }
  }

  it('follows the preferred server, and tells the target how all are', async () => {
    fleet.start();
    await clock.pass(500);
    const { followed, heardFrom, servers, live } = fleet.snapshot();
    expect([followed, heardFrom, live]).toEqual([FIRST, nameOf(FIRST), 'live']);
    expect(servers.map(({ server, name, state }) => [server, name, state])).toEqual(
      [FIRST, SECOND, THIRD].map((server) => [server, nameOf(server), 'up']),
    );
    expect(heard[0]).toEqual(expect.arrayContaining(SERVERS.map((server) => ({ server, state: 'up' }))));
    const before = heard.length;
    await clock.pass(60_000);
    expect(heard.length - before).toBeGreaterThanOrEqual(3);
  });

  it('goes on at the next one, tells the incident once, and returns when the first one is warm', async () => {
    fleet.start();
    await clock.pass(500);
    kill(FIRST);
    await clock.pass(10_000);
    expect([fleet.snapshot().followed, news]).toEqual([SECOND, [`opened servers ${nameOf(FIRST)}`]]);
    dead.delete(FIRST);
    stateOf.set(FIRST, 'warming');
    await clock.pass(20_000);
    expect(fleet.snapshot().followed).toBe(SECOND);
    stateOf.set(FIRST, 'up');
    await clock.pass(20_000);
    expect(fleet.snapshot().followed).toBe(FIRST);
    expect(news).toEqual([`opened servers ${nameOf(FIRST)}`, `over servers ${nameOf(FIRST)}`]);
    expect(fleet.incidents()).toMatchObject([{ kind: 'servers', servers: [nameOf(FIRST)] }]);
  });

  it('accuses its own network when everything is silent, and no server, until an agent is heard again', async () => {
    fleet.start();
    await clock.pass(500);
    for (const server of SERVERS) dead.add(server);
    for (const { end } of streams.values()) end(new FleetError('PEER_TIMEOUT', 'text'));
    await clock.pass(15_000);
    expect(news).toEqual(['opened ownNetwork']);
    expect(fleet.snapshot()).toMatchObject({ heardFrom: null, live: 'lost', followed: null });
    expect(fleet.snapshot().servers.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    dead.clear();
    seen = ANSWERED;
    await clock.pass(15_000);
    expect(news).toEqual(['opened ownNetwork', 'over ownNetwork']);
    expect(fleet.snapshot()).toMatchObject({ followed: FIRST, live: 'live' });
  });

  it('says at once what works again, also the second time, when the end of the incident is told late', async () => {
    async function cutFor20Seconds(): Promise<void> {
      seen = SILENT;
      for (const server of SERVERS) dead.add(server);
      for (const { end } of streams.values()) end(new FleetError('PEER_TIMEOUT', 'text'));
      await clock.pass(20_000);
      backs = [];
      dead.clear();
      seen = ANSWERED;
      await clock.pass(5000);
    }
    fleet.start();
    await clock.pass(500);
    expect(backs).toEqual([]);
    await cutFor20Seconds();
    await clock.pass(8 * 60_000);
    await cutFor20Seconds();
    expect(backs).toEqual(['ownNetwork', 'feed']);
    expect(fleet.incidents()).toMatchObject([{ kind: 'ownNetwork', until: null }]);
    expect(clock.now() - (fleet.incidents()[0]?.backAt ?? 0)).toBeLessThanOrEqual(5000);
    expect(fleet.incidents()[0]?.lastedMs).toBeLessThanOrEqual(25_000);
    expect(news.at(-1)).toBe('opened ownNetwork');
    backs = [];
    kill(FIRST);
    await clock.pass(30_000);
    dead.delete(FIRST);
    stateOf.set(FIRST, 'up');
    await clock.pass(20_000);
    expect(backs).toContain('server');
  });

  it('says that its key is refused, and not that nobody is there, until the key is right', async () => {
    refusal = 'ROLE_MISSING';
    seen = ANSWERED;
    fleet.start();
    await clock.pass(15_000);
    const problem = { code: 'ROLE_MISSING', message: 'the key lacks the role read' };
    expect(fleet.snapshot()).toMatchObject({ heardFrom: null, problem });
    expect(news).toEqual([]);
    refusal = undefined;
    fleet.use({ servers: SERVERS, key: 'L' });
    await clock.pass(1000);
    expect(fleet.snapshot()).toMatchObject({ heardFrom: nameOf(FIRST), live: 'live', problem: null });
  });

  it('ends an incident by itself when agents will never tell of it', async () => {
    refusal = 'KEY_WRONG';
    const answering = new Set([FIRST, THIRD]);
    connectOnlyTo(answering);
    fleet.start();
    await clock.pass(20_000);
    expect(news.map((one) => one.split(' ')[0])).toEqual(['opened']);
    answering.add(SECOND);
    await clock.pass(10_000);
    expect([news.map((one) => one.split(' ')[0]), backs]).toEqual([['opened', 'over'], ['server']]);
  });

  it('asks a server at once that takes connections again', async () => {
    const answering = new Set([SECOND]);
    connectOnlyTo(answering);
    fleet.start();
    await clock.pass(500);
    kill(...SERVERS);
    await clock.pass(5 * 60_000);
    // All servers were asked for events just now, and will not be for seconds.
    const before = keys.length;
    for (let steps = 0; keys.length === before && steps < 200; steps += 1) await clock.pass(100);
    answering.add(FIRST);
    dead.delete(FIRST);
    await clock.pass(4500);
    expect(fleet.snapshot().followed).toBe(FIRST);
  });

  it('names servers that refuse when no agent is left', async () => {
    seen = REFUSED;
    fleet.start();
    await clock.pass(500);
    kill(...SERVERS);
    await clock.pass(15_000);
    expect(news).toEqual(['opened servers ' + [FIRST, SECOND, THIRD].map(nameOf).join(' ')]);
    expect(fleet.snapshot().servers.map(({ state, code }) => [state, code])).toEqual(
      SERVERS.map(() => ['down', 'PROBE_REFUSED']),
    );
  });

  it('tells a listener how it stands, and all that comes until it goes', async () => {
    const told: (LiveState | LiveEvent['kind'])[] = [];
    const listener = {
      onState: (state: LiveState) => void told.push(state),
      onEvent: ({ kind }: LiveEvent) => void told.push(kind),
    };
    const end = fleet.listen(listener);
    fleet.start();
    await clock.pass(500);
    streams.get(FIRST)?.onMessage({ kind: 'image', data: '{}', id: 'a-1' });
    end();
    streams.get(FIRST)?.onMessage({ kind: 'image', data: '{}', id: 'a-2' });
    expect(told).toEqual(['connecting', 'live', 'image']);
    fleet.listen(listener);
    expect(told.at(-1)).toBe('live');
  });

  it('takes what agents tell of an incident at once, under whatever id', async () => {
    fleet.start();
    await clock.pass(500);
    const cause = { code: 'PROBE_REFUSED', message: 'text' };
    const facts = { openedAt: 1, closedAt: null, cause, isConfirmed: true, reopened: 0 };
    stateOf.set(SECOND, 'down');
    const data = JSON.stringify({ id: 'x', servers: [nameOf(SECOND)], missing: [nameOf(SECOND)], ...facts });
    streams.get(FIRST)?.onMessage({ kind: 'incident', data, id: 'a-1' });
    await clock.pass(3000);
    expect(news).toEqual([`opened servers ${nameOf(SECOND)}`]);
  });

  it('goes to other servers and with another key while it runs, and without any', async () => {
    fleet.start();
    await clock.pass(500);
    fleet.use({ servers: [SECOND, THIRD], key: 'L' });
    await clock.pass(2000);
    expect(fleet.snapshot().followed).toBe(preferredOrder([SECOND, THIRD], 'machine')[0]);
    expect(keys).toEqual(['K', 'L']);
    fleet.use({ servers: [], key: 'L' });
    await clock.pass(2000);
    expect(fleet.snapshot()).toMatchObject({ servers: [], followed: null, live: 'lost' });
    await expect(fleet.api.listServers({})).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });

  it('goes on with an incident when the server that is down leaves the configuration, and comes back to it', async () => {
    fleet.start();
    await clock.pass(500);
    kill(SECOND);
    await clock.pass(20_000);
    expect(news).toEqual([`opened servers ${nameOf(SECOND)}`]);
    fleet.use({ servers: [FIRST, THIRD], key: 'K' });
    await clock.pass(20_000);
    fleet.use({ servers: SERVERS, key: 'K' });
    await clock.pass(20_000);
    expect(news).toEqual([`opened servers ${nameOf(SECOND)}`]);
    expect(fleet.incidents()).toMatchObject([{ servers: [nameOf(SECOND)], backAt: null, reopened: 0 }]);
  });

  it('leaves nothing running behind', async () => {
    fleet.start();
    await clock.pass(500);
    kill(...SERVERS);
    await clock.pass(3000);
    await fleet.close();
    await clock.pass(60_000);
    expect(clock.timers).toBe(0);
  });
});
