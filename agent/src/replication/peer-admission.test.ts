import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PeerClient } from './peer-client.ts';
import type { PeerSecrets } from './peer-signature.ts';
import { TestFleet } from './testing/test-fleet.ts';
import { eventually, type TestServer } from './testing/test-server.ts';

const fleet = new TestFleet();

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => fleet.stop());

function clientOf(server: TestServer, keys: PeerSecrets = { securityKey: server.key }): PeerClient {
  const peer = { name: server.name, url: server.url, ...keys };
  return new PeerClient({ peer, self: () => ({ id: 'sender', name: 's1' }), now: Date.now, helloMs: 10_000 });
}

describe('the admission of peers', () => {
  it('goes by the key for peers where there is one, and no longer by the other', async () => {
    const server = await fleet.server({ name: 's3', key: 'for everything', peerKey: 'for peers' });
    await server.openCatalog([]);
    const probe = async (keys: PeerSecrets): Promise<string> => {
      const peer = clientOf(server, keys);
      const { name } = await peer.hello(AbortSignal.timeout(5000)).finally(() => {
        peer.close();
      });
      return name;
    };
    expect(await probe({ peerKey: 'for peers' })).toBe('s3');
    expect(await probe({ securityKey: 'wrong', peerKey: 'for peers' })).toBe('s3');
    await expect(probe({ securityKey: 'for everything' })).rejects.toMatchObject({ code: 'PEER_KEY_WRONG' });
  });

  it('reads the first lines of so many strangers at once, and sends others away', async () => {
    const firstLines = { running: 1, waiting: 0, maxWaitMs: 1000, maxLineMs: 60_000 };
    const narrow = await fleet.server({ name: 's3', firstLines });
    await narrow.openCatalog([]);
    const peer = clientOf(narrow);
    const stranger = httpRequest(`${narrow.url}/peer/v1/batch`, { method: 'POST' });
    const refused = once(stranger, 'response');
    stranger.write('a line that does not end');
    await eventually('the stranger is read', () => narrow.requests.length === 1);
    await expect(peer.hello(AbortSignal.timeout(5000))).rejects.toMatchObject({ code: 'PEER_BUSY' });
    stranger.end('\n');
    await refused;
    expect(await peer.hello(AbortSignal.timeout(5000))).toMatchObject({ name: 's3' });
    peer.close();
  });

  it('cuts off who takes too long for a first line', async () => {
    const firstLines = { running: 1, waiting: 0, maxWaitMs: 1000, maxLineMs: 50 };
    const hasty = await fleet.server({ name: 's3', firstLines });
    const slow = httpRequest(`${hasty.url}/peer/v1/batch`, { method: 'POST' });
    const cut = new Promise((resolve) => slow.once('error', resolve));
    slow.write('a line that does not end');
    await cut;
  });
});
