import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentProcess, COMMAND, KEY, eventually } from './support/agent-process.ts';
import { HOST_NUMBERS, ThreeHosts, threeHostsObstacle } from '@imagefleet/shared/testing/three-hosts.ts';
import { MonitorProcess } from './support/monitor-process.ts';
import { Targets } from './support/targets.ts';

const PORT = 7401;
const TARGET_PORT = 9001;
/** More than what a monitor takes to believe an unconfirmed silence. */
const LONG_MS = 15_000;

interface Server {
  readonly name: string;
  readonly state: string;
}

const obstacle = threeHostsObstacle();
if (obstacle !== undefined) console.warn(`monitor and network: skipped: ${obstacle}`);

describe.skipIf(obstacle !== undefined)('a monitor whose network fails', () => {
  let dir: string;
  let hosts: ThreeHosts;
  let stops: (() => Promise<unknown>)[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    hosts = await ThreeHosts.make();
    stops = [];
  });

  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    await hosts.remove();
    await rm(dir, { recursive: true, force: true });
  });

  async function statesAt(url: string): Promise<readonly Server[]> {
    const response = await fetch(`${url}/api/v1/servers`, { headers: { authorization: `Bearer ${KEY}` } });
    return ((await response.json()) as { servers: Server[] }).servers;
  }

  async function startMonitor(config: object): Promise<MonitorProcess> {
    const monitor = new MonitorProcess(join(dir, 'monitor'));
    stops.push(() => monitor.stop());
    await monitor.configure({ listen: `${hosts.addressOf(1)}:7400`, securityKey: KEY, ...config });
    await monitor.start(hosts.on(1));
    return monitor;
  }

  function transitionsIn(log: string): readonly { readonly server: string; readonly to: string }[] {
    const lines = log.split('\n').filter((line) => line.includes('"server.transition"'));
    return lines.map((line) => JSON.parse(line) as { server: string; to: string });
  }

  it('leaves the files as they are when it is cut off from everything, gives one notice, and heals without a change', async () => {
    // What stands on the monitor's own host, a server and a witness, knows no more of the network than the monitor does.
    for (const host of HOST_NUMBERS) {
      const targets = await Targets.start({
        ...{ kind: 'tcp', address: hosts.addressOf(host), ports: [TARGET_PORT], before: hosts.on(host) },
      });
      stops.push(() => targets.stop());
    }
    const places = HOST_NUMBERS.map((host) => `${hosts.addressOf(host)}:${String(TARGET_PORT)}`);
    const here = new AgentProcess({ name: 's1', port: PORT, host: hosts.addressOf(1), dir: join(dir, 's1') });
    stops.push(() => here.stop('SIGKILL'));
    await here.configure([], { monitor: { servers: places } });
    await here.start([...hosts.on(1), process.execPath, COMMAND]);
    const statusFile = join(dir, 'status.xml');
    const notices = join(dir, 'notices');
    const monitor = await startMonitor({
      warmUp: '1s',
      servers: places,
      witnesses: [{ name: 's1', url: here.url, securityKey: KEY }],
      statusFiles: [{ path: statusFile, format: 'aspnet' }],
      hooks: [{ on: ['incident', 'recovery', 'down'], exec: ['sh', '-c', `echo "$IMAGEFLEET_EVENT" >> ${notices}`] }],
    });
    const allAre = (own: string, others: string) => async (): Promise<boolean> => {
      const states = new Map((await statesAt(monitor.url)).map(({ name, state }) => [name, state]));
      return places.map((place) => states.get(place)).join() === [own, others, others].join();
    };
    await eventually('all up', 20_000, allAre('up', 'up'));
    await eventually('all in the file', 2000, async () =>
      /(?:Online="true"[^]*){3}/.test(await readFile(statusFile, 'utf8')),
    );
    const before = await stat(statusFile);
    const settled = transitionsIn(await monitor.log()).length;

    await hosts.cut(1);
    await eventually('the others unknown', 20_000, allAre('up', 'unknown'));
    await delay(LONG_MS);
    expect(await allAre('up', 'unknown')()).toBe(true);
    expect((await stat(statusFile)).mtimeMs).toBe(before.mtimeMs);
    expect(await readFile(notices, 'utf8')).toBe('incident\n');

    await hosts.heal();
    await eventually('all up again', 10_000, allAre('up', 'up'));
    await delay(5000);
    expect((await stat(statusFile)).mtimeMs).toBe(before.mtimeMs);
    const states = transitionsIn(await monitor.log()).slice(settled);
    expect(states.map(({ to }) => to).sort()).toEqual(['unknown', 'unknown', 'up', 'up']);
    expect(await readFile(notices, 'utf8')).toBe('incident\nrecovery\n');
  }, 120_000);

  it('believes the agents that reach a server which is silent to it alone', async () => {
    const agents = HOST_NUMBERS.map((host) => {
      const name = `s${String(host)}`;
      return new AgentProcess({ name, port: PORT, host: hosts.addressOf(host), dir: join(dir, name) });
    });
    for (const agent of agents) await agent.configure(agents.filter((other) => other !== agent));
    stops.push(...agents.map((agent) => () => agent.stop('SIGKILL')));
    const start = (agent: AgentProcess, host: 1 | 2 | 3): Promise<void> =>
      agent.start([...hosts.on(host), process.execPath, COMMAND]);
    await Promise.all(HOST_NUMBERS.map((host) => start(agents[host - 1] as AgentProcess, host)));
    const views = agents.map((agent) => agent.url);
    const allUp = async (): Promise<boolean> => {
      const states = await Promise.all(views.map(statesAt));
      return states.every((servers) => servers.length === 3 && servers.every(({ state }) => state === 'up'));
    };
    await eventually('all up everywhere', 60_000, allUp);

    await hosts.drop(1, 2);
    const seen = new Set<string>();
    const until = performance.now() + LONG_MS;
    while (performance.now() < until) {
      for (const url of views) for (const { name, state } of await statesAt(url)) seen.add(`${name} ${state}`);
      await delay(200);
    }
    expect([...seen].sort()).toEqual(['s1 up', 's2 up', 's3 up']);
    await hosts.heal();
    expect(await allUp()).toBe(true);
  }, 180_000);
});
