import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { agentConfigSchema } from '@imagefleet/shared/common/config/agent-config.ts';
import { formatVersion } from '@imagefleet/shared/common/image/version.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { PeerClient } from '#replication/peer-client.ts';
import { askReach } from '#replication/reach-call.ts';
import type { ReachAnswer } from '@imagefleet/shared/common/health/reach.ts';
import type { PeerSecrets } from '#replication/peer-signature.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { startAgent, type RunningAgent } from './compose.ts';

async function started(dataDir: string, settings: object): Promise<RunningAgent> {
  const config = agentConfigSchema.parse({
    ...{ name: 's2', listen: '127.0.0.1:0', publicUrl: 'http://i', dataDir },
    ...{ limits: { freeSpaceFloor: '0B' }, securityKey: 'for everything', ...settings },
  });
  const folders = { imagesDir: join(dataDir, 'images'), logDir: join(dataDir, 'log') };
  const onFatal = (error: unknown): void => {
    throw error;
  };
  const consoleDir = join(dataDir, 'console');
  const agent = await startAgent({ config: { ...config, ...folders }, consoleDir, logger: silentLogger, onFatal });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= agent.stop());
  onTestFinished(stop);
  return { ...agent, stop };
}

it('lets peers in by the key for peers, and nobody as a peer by the one for everything', async () => {
  const { url } = await started(await tempFolder(), { peerKey: 'for peers' });
  const probe = async (keys: PeerSecrets): Promise<string> => {
    const self = () => ({ id: 'sender', name: 's1' });
    const client = new PeerClient({ peer: { name: 's2', url, ...keys }, self, now: Date.now });
    const { name } = await client.hello(AbortSignal.timeout(5000)).finally(() => {
      client.close();
    });
    return name;
  };
  expect(await probe({ peerKey: 'for peers' })).toBe('s2');
  await expect(probe({ securityKey: 'for everything' })).rejects.toMatchObject({ code: 'PEER_KEY_WRONG' });
});

it.each(['[::1]:0', '0.0.0.0:0'])('listens on %s, and says where it is reached', async (listen) => {
  const { url } = await started(await tempFolder(), { listen });
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});

it('empties the trash of what has lain there for its period', async () => {
  const dataDir = await tempFolder();
  await mkdir(join(dataDir, 'trash'));
  await writeFile(join(dataDir, 'trash', formatVersion({ wallMs: 1000, counter: 0 }, 's1')), 'old bytes');
  await started(dataDir, { replication: { trashPeriod: '0ms' } });
  await expect.poll(() => readdir(join(dataDir, 'trash'))).toEqual([]);
});

it('keeps who is logged in at the console over a restart, at another port too', async () => {
  const dataDir = await tempFolder();
  const first = await started(dataDir, {});
  const body = JSON.stringify({ key: 'for everything' });
  const login = await fetch(`${first.url}/api/v1/session`, { method: 'POST', body });
  const [cookie = ''] = (login.headers.get('set-cookie') ?? '').split(';');
  await first.stop();
  const askAgain = async (settings: object): Promise<unknown> => {
    const agent = await started(dataDir, settings);
    const answer = await (await fetch(`${agent.url}/api/v1/session`, { headers: { cookie } })).json();
    await agent.stop();
    return answer;
  };
  expect(await askAgain({})).toMatchObject({ server: 's2', keyName: 'securityKey' });
  expect(await askAgain({ securityKey: 'another key' })).toMatchObject({ code: 'SESSION_MISSING' });
});

it('serves the console that was built', async () => {
  const dataDir = await tempFolder();
  await mkdir(join(dataDir, 'console'));
  await writeFile(join(dataDir, 'console', 'index.html'), 'the page');
  const { url } = await started(dataDir, {});
  expect(await (await fetch(url, { headers: { accept: 'text/html' } })).text()).toBe('the page');
});

it('tells peers whether it reaches those of its own configuration, and of no others', async () => {
  const [peer, stranger] = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of [peer, stranger]) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ports.push((server.address() as AddressInfo).port);
    onTestFinished(() => void server.close());
  }
  const [port = 0] = ports;
  const peers = [{ name: 's3', url: `http://127.0.0.1:${String(port)}`, securityKey: 'of s3' }];
  const { url } = await started(await tempFolder(), { peers });
  const self = () => ({ id: 'a monitor without an agent', name: 'monitor' });
  const client = new PeerClient({
    ...{ peer: { name: 's2', url, securityKey: 'for everything' }, self, now: Date.now },
  });
  onTestFinished(() => client.close());
  const addresses = ports.map((one) => ({ host: '127.0.0.1', port: one }));
  const ask = (): Promise<readonly ReachAnswer[]> => askReach(client, addresses, AbortSignal.timeout(5000));
  expect(await ask()).toEqual(['reached', 'cannotSay']);
  peer.close();
  await expect.poll(ask).toEqual(['unreached', 'cannotSay']);
});
