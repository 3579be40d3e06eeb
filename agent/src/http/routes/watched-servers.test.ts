import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFleetClient, type FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import { aVerdict, aWatchedState, FakeMonitorView } from '#monitor/testing/fake-monitor-view.ts';
import { KEY, startTestAgent, type TestAgent } from '../testing/test-agent.ts';

const READER = 'a-key-that-only-reads';
/** As configurations may call servers. */
const NAMES = ['10.0.0.9:42424', '[2001:db8::1]:80', '图片服务器 2', 'i-1.example.com'];

describe('the calls about one watched server', () => {
  let agent: TestAgent;
  let monitor: FakeMonitorView;
  let client: FleetClient;

  beforeEach(async () => {
    monitor = new FakeMonitorView(NAMES.map((name) => aWatchedState({ name })));
    for (const name of NAMES) monitor.verdicts.set(name, aVerdict({ server: name }));
    agent = await startTestAgent({ monitor, keys: [{ name: 'reader', key: READER, roles: ['read'] }] });
    client = createFleetClient({ server: agent.url, key: KEY });
  });

  afterEach(async () => {
    client.close();
    await agent.stop();
  });

  it.each(NAMES)('find it by its name, whatever characters that has: %s', async (name) => {
    expect(await client.setMaintenance({ name, on: true })).toEqual({ name, state: 'maintenance', silent: [] });
    expect((await client.listServers({})).servers.find((server) => server.name === name)?.state).toBe('maintenance');
    expect((await client.readServerHistory({ name })).server).toBe(name);
    expect((await client.explainServer({ name })).server).toBe(name);
  });

  it('answer SERVER_UNKNOWN for a name that nobody watches', async () => {
    for (const name of ['s9', '10.0.0.9:42425', '图']) {
      const unknown = { code: 'SERVER_UNKNOWN' };
      await expect(client.setMaintenance({ name, on: true })).rejects.toMatchObject(unknown);
      await expect(client.readServerHistory({ name })).rejects.toMatchObject(unknown);
      await expect(client.explainServer({ name })).rejects.toMatchObject(unknown);
    }
  });

  it('let readers look and only operators set maintenance', async () => {
    const reader = createFleetClient({ server: agent.url, key: READER });
    const name = NAMES[0] ?? '';
    await expect(reader.setMaintenance({ name, on: true })).rejects.toMatchObject({ code: 'ROLE_MISSING' });
    expect((await reader.explainServer({ name })).server).toBe(name);
    reader.close();
    expect(monitor.watched[0]?.state).toBe('up');
  });

  it.each([
    ['PUT', '/servers/x/maintenance', '{}'],
    ['PUT', '/servers/x/maintenance', '{"on":"yes"}'],
    ['PUT', '/servers/x/maintenance', '{"on":true,"scope":"world"}'],
    ['GET', '/servers/x/history?points=1001', undefined],
    ['GET', '/servers/x/history?from=yesterday', undefined],
    ['GET', `/servers/${NAMES[0] ?? ''}/history?from=9&to=8`, undefined],
    ['GET', '/servers/%ff/why', undefined],
  ])('refuse %s %s %s', async (method, path, body) => {
    const response = await fetch(`${agent.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${KEY}` },
      ...(body !== undefined && { body }),
    });
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'INPUT_INVALID' }]);
  });
});
