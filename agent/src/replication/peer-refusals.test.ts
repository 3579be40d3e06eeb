import { afterEach, describe, expect, it, vi } from 'vitest';
import { isLedgerEmpty, statesOf, TestFleet } from './testing/test-fleet.ts';
import { eventually, generatedPath, imageBytes, type TestServer } from './testing/test-server.ts';

const fleet = new TestFleet();

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => fleet.stop());

describe('a peer that refuses', () => {
  const refusals: readonly (readonly [
    string,
    string,
    (s1: TestServer, s2: TestServer) => void,
    (s1: TestServer, s2: TestServer) => void,
  ])[] = [
    [
      'its disk is full',
      'PEER_DISK_FULL',
      (_, s2) => (s2.store.freeBytes = 5e8),
      (_, s2) => (s2.store.freeBytes = 1e12),
    ],
    [
      'the clocks are ten minutes apart',
      'CLOCK_SKEW',
      (_, s2) => (s2.clockOffsetMs = 600_000),
      (_, s2) => (s2.clockOffsetMs = 0),
    ],
    [
      'a proxy answers 200 with rubbish',
      'PEER_ANSWER_INVALID',
      (_, s2) => (s2.intercept = (_request, response) => response.end('<html>welcome</html>') === response),
      (_, s2) => (s2.intercept = () => false),
    ],
    [
      'somebody forges the form of an answer',
      'PEER_ANSWER_INVALID',
      (_, s2) => {
        s2.intercept = (request, response) => {
          if (request.url === '/health/live') return false;
          response.setHeader('x-imagefleet-signature', 'a'.repeat(64));
          return response.end('{"outcomes":[{"outcome":"stored"}],"serverId":"x","name":"s2"}') === response;
        };
      },
      (_, s2) => (s2.intercept = () => false),
    ],
  ];

  it.each(refusals)('because %s parks with the cause %s and goes on when that is over', async (_, code, begin, end) => {
    const [s1, s2] = await fleet.of();
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    begin(s1, s2);
    const bytes = imageBytes();
    await s1.accept(generatedPath(1), bytes);
    await eventually('parked', async () => (await statesOf(s1)).join() === `parked 0 ${code}`);
    expect(await s2.read(generatedPath(1))).toBeUndefined();
    expect(s1.replicator.peers()).toMatchObject([{ state: 'down', cause: { code } }]);
    end(s1, s2);
    await s1.replicator.replay({});
    await eventually('empty ledger', () => isLedgerEmpty(s1));
    expect((await s2.read(generatedPath(1)))?.equals(bytes)).toBe(true);
  });

  it('each batch and no probe, for there is almost no room, stays down until there is, and makes one line of it', async () => {
    const [s1, s2] = await fleet.of();
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    const changes: string[] = [];
    s1.replicator.onPeerChanged(({ state }) => changes.push(state));
    const batches = (): number => s2.requests.filter((url) => url === '/peer/v1/batch').length;
    s2.store.freeBytes = 1e9 + 1000;
    await s1.accept(generatedPath(1), imageBytes(2000));
    await eventually('parked', async () => (await statesOf(s1)).join() === 'parked 0 PEER_DISK_FULL');
    for (const attempts of [2, 3]) {
      await s1.replicator.replay({});
      await eventually('refused again', () => batches() >= attempts);
      await eventually('parked again', async () => (await statesOf(s1)).join() === 'parked 0 PEER_DISK_FULL');
    }
    expect(changes).toEqual(['down']);
    s2.store.freeBytes = 1e12;
    await eventually('empty ledger', () => isLedgerEmpty(s1), 15_000);
    await eventually('up again', () => changes.join() === 'down,up');
    expect(await s1.failures()).toHaveLength(1);
  });

  it('a large image for lack of room still gets small ones', async () => {
    const [s1, s2] = await fleet.of({ backoff: { first: '1h', cap: '1h' }, random: () => 0.9 });
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    s2.store.freeBytes = 1e9 + 1_000_000;
    await s1.accept(generatedPath(1), imageBytes(2_000_000));
    await eventually('refused', async () => (await statesOf(s1)).join() === 'failed 1 PEER_DISK_FULL');
    await s1.accept(generatedPath(2), imageBytes());
    await eventually('the small one', async () => (await s2.read(generatedPath(2))) !== undefined);
    expect(s1.replicator.peers()).toMatchObject([{ state: 'up' }]);
    s2.store.freeBytes = 1e9 - 1;
    await s1.replicator.replay({});
    await eventually('parked', () => s1.replicator.peers()[0]?.cause?.code === 'PEER_DISK_FULL');
  });

  it('because we have a wrong key for it parks with PEER_KEY_WRONG, and no byte of an image is taken', async () => {
    const [s1, s2] = [await fleet.server({ name: 's1' }), await fleet.server({ name: 's2' })];
    await s2.openCatalog([]);
    await s1.replicateTo({ name: 's2', url: s2.url, key: 'not the key' });
    await s1.accept(generatedPath(1), imageBytes());
    await eventually('parked', async () => (await statesOf(s1)).join() === 'parked 0 PEER_KEY_WRONG');
    expect(s2.requests).not.toContain('/peer/v1/batch');
  });

  it('because its address leads back to ourselves parks with PEER_SELF', async () => {
    const s1 = await fleet.server({ name: 's1' });
    await s1.replicateTo({ name: 's2', url: s1.url, key: s1.key });
    await s1.accept(generatedPath(1), imageBytes());
    await eventually('parked', async () => (await statesOf(s1)).join() === 'parked 0 PEER_SELF');
  });
});
