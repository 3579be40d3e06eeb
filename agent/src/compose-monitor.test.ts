import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { monitorConfigSchema } from '@imagefleet/shared/common/config/monitor-config.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { OPERATOR_API } from '@imagefleet/shared/common/operator/operator-api.ts';
import { createFleetClient, type FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import { aVerdict, aWatchedState, FakeMonitorView } from '#monitor/testing/fake-monitor-view.ts';
import { startMonitor, type MonitorOptions, type RunningMonitor } from './compose-monitor.ts';

const KEY = 'vT3xW9-qLm2_Zk7pR4sN';
const SERVERS = ['127.0.0.1:9', '[::1]:9'];

const noLag = () => ({ count: 7, p50Ms: 1, p99Ms: 2, maxMs: 3 });

describe('a monitor without an agent', () => {
  let dir: string;
  const running: RunningMonitor[] = [];
  const clients: FleetClient[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-monitor-'));
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await Promise.all(running.splice(0).map((monitor) => monitor.stop()));
    await rm(dir, { recursive: true, force: true });
  });

  async function start(
    overrides: object = {},
    buildParts?: MonitorOptions['buildParts'],
  ): Promise<{ readonly monitor: RunningMonitor; readonly client: FleetClient }> {
    const config = monitorConfigSchema.parse({
      ...{ listen: '127.0.0.1:0', dataDir: join(dir, 'data'), servers: SERVERS, securityKey: KEY },
      ...overrides,
    });
    const monitor = await startMonitor({
      config,
      logger: silentLogger,
      environment: {},
      ...(buildParts && { buildParts }),
    });
    running.push(monitor);
    const client = createFleetClient({ server: monitor.url, key: KEY });
    clients.push(client);
    return { monitor, client };
  }

  it('lists what it watches, and nothing that only agents have', async () => {
    const { client } = await start();
    const { servers, silent } = await client.listServers({ scope: 'fleet' });
    expect(silent).toEqual([]);
    expect(servers.map(({ name, address, isAgent, images }) => [name, address, isAgent, images])).toEqual([
      ['127.0.0.1:9', '127.0.0.1:9', false, null],
      ['[::1]:9', '[::1]:9', false, null],
    ]);
  });

  it('keeps maintenance over a restart, in its data folder', async () => {
    const name = SERVERS[1] ?? '';
    const first = await start();
    expect(await first.client.setMaintenance({ name, on: true, scope: 'fleet' })).toMatchObject({
      state: 'maintenance',
    });
    await running.pop()?.stop();
    expect(JSON.parse(await readFile(join(dir, 'data/maintenance.json'), 'utf8'))).toMatchObject({ servers: [name] });
    const { client } = await start();
    expect(await client.explainServer({ name })).toMatchObject({ state: 'maintenance', rule: 'maintenance' });
    expect(await client.setMaintenance({ name, on: false })).not.toMatchObject({ state: 'maintenance' });
  });

  it('answers verdicts and history from the parts that watch', async () => {
    const view = new FakeMonitorView([aWatchedState({ name: 'a:1' })]);
    view.verdicts.set('a:1', aVerdict({ server: 'a:1' }));
    const parts = {
      view,
      start: async () => undefined,
      stop: async () => undefined,
      probeLag: noLag,
      notReady: () => undefined,
    };
    const { client } = await start({}, () => parts);
    expect(await client.explainServer({ name: 'a:1' })).toMatchObject({ server: 'a:1', rule: 'warmed-up' });
    expect(await client.readServerHistory({ name: 'a:1', from: 1, to: 3 })).toMatchObject({ uptime: { unknownMs: 2 } });
    await expect(client.explainServer({ name: 'b:1' })).rejects.toMatchObject({ code: 'SERVER_UNKNOWN' });
  });

  it('is live at once, and ready after the first full round', async () => {
    const view = new FakeMonitorView();
    let reason: string | undefined = 'first-look';
    const parts = {
      view,
      start: async () => undefined,
      stop: async () => undefined,
      probeLag: noLag,
      notReady: () => reason,
    };
    const { monitor } = await start({}, () => parts);
    expect((await fetch(`${monitor.url}/health/live`)).status).toBe(200);
    const early = await fetch(`${monitor.url}/health/ready`);
    expect([early.status, await early.json()]).toEqual([503, { ready: false, reason: 'first-look' }]);
    reason = undefined;
    expect((await fetch(`${monitor.url}/health/ready`)).status).toBe(200);
  });

  it('counts states for Prometheus, and leaves out what it does not know', async () => {
    const view = new FakeMonitorView([
      aWatchedState({ name: 'a:1', state: 'up' }),
      aWatchedState({ name: 'b:1', state: 'down' }),
      aWatchedState({ name: 'c:1', state: 'unknown' }),
    ]);
    const parts = {
      view,
      start: async () => undefined,
      stop: async () => undefined,
      probeLag: noLag,
      notReady: () => undefined,
    };
    const { monitor } = await start({}, () => parts);
    await fetch(`${monitor.url}/nothing`);
    const text = await (await fetch(`${monitor.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('imagefleet_'));
    expect(lines).toEqual([
      'imagefleet_refusals_total{code="NOT_FOUND"} 1',
      'imagefleet_watched_up{server="a:1"} 1',
      'imagefleet_watched_up{server="b:1"} 0',
      'imagefleet_probe_lag_seconds{quantile="0.5"} 0.001',
      'imagefleet_probe_lag_seconds{quantile="0.99"} 0.002',
      'imagefleet_probe_lag_seconds{quantile="1"} 0.003',
      'imagefleet_probes_total 7',
      'imagefleet_watched_servers{state="unknown"} 1',
      'imagefleet_watched_servers{state="up"} 1',
      'imagefleet_watched_servers{state="warming"} 0',
      'imagefleet_watched_servers{state="down"} 1',
      'imagefleet_watched_servers{state="maintenance"} 0',
    ]);
  });

  it('tells listeners what its parts publish', async () => {
    const { monitor } = await start({}, ({ events }) => ({
      view: new FakeMonitorView(),
      start: async () => events.publish('server', 'a:1', { state: 'down' }),
      stop: async () => undefined,
      probeLag: noLag,
      notReady: () => undefined,
    }));
    const response = await fetch(`${monitor.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${KEY}`, 'last-event-id': 'before-0' },
    });
    let heard = '';
    for await (const chunk of response.body ?? []) {
      heard += Buffer.from(chunk as Uint8Array).toString();
      if (heard.includes('"state":"down"')) break;
    }
    expect(heard).toContain('event: server');
  });

  it('knows of the API only what it can answer, and wants its key for that', async () => {
    const { monitor } = await start();
    const known = ['listServers', 'setMaintenance', 'readServerHistory', 'explainServer'];
    for (const [name, { http, path }] of Object.entries(OPERATOR_API)) {
      const response = await fetch(`${monitor.url}/api/v1${path.replace('*path', 'a.png')}`, { method: http });
      expect([name, response.status]).toEqual([name, known.includes(name) ? 401 : 404]);
      expect(await response.json()).toMatchObject({ code: known.includes(name) ? 'KEY_MISSING' : 'NOT_FOUND' });
    }
    expect((await fetch(`${monitor.url}/api/v1/events`)).status).toBe(401);
    const wrong = await fetch(`${monitor.url}/api/v1/servers`, { method: 'DELETE' });
    expect([wrong.status, await wrong.json()]).toMatchObject([405, { code: 'METHOD_NOT_ALLOWED' }]);
    expect(await (await fetch(monitor.url)).json()).toMatchObject({ program: 'imagefleet monitor', name: 'monitor' });
  });

  it('has no console: keys are the only way in, and cookies none', async () => {
    const { monitor } = await start();
    for (const path of ['/console', '/api/v1/session', '/.m/upload.aspx']) {
      expect((await fetch(monitor.url + path)).status).toBe(404);
    }
    const html = await fetch(monitor.url, { headers: { accept: 'text/html' } });
    expect(await html.json()).toMatchObject({ program: 'imagefleet monitor' });
    const answer = await fetch(`${monitor.url}/api/v1/servers`, { headers: { cookie: 'imagefleet_000000000000=x' } });
    expect(await answer.json()).toMatchObject({ code: 'KEY_MISSING' });
  });

  it('takes no orders from pages of other sites where no key is configured', async () => {
    const { monitor } = await start({ securityKey: undefined });
    const order = async (headers: Record<string, string>): Promise<unknown> => {
      const place = `${monitor.url}/api/v1/servers/nobody/maintenance`;
      return (await fetch(place, { method: 'PUT', headers, body: '{"on":true}' })).json();
    };
    expect(await order({ origin: 'https://evil.example' })).toMatchObject({ code: 'ORIGIN_FOREIGN' });
    expect(await order({})).toMatchObject({ code: 'SERVER_UNKNOWN' });
  });

  it('watches nothing when its address is taken', async () => {
    const { monitor } = await start();
    let isWatching = false;
    const second = start({ listen: `127.0.0.1:${String(monitor.port)}` }, () => ({
      view: new FakeMonitorView(),
      start: async () => {
        isWatching = true;
      },
      stop: async () => undefined,
      probeLag: noLag,
      notReady: () => undefined,
    }));
    await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    expect(isWatching).toBe(false);
  });
});
