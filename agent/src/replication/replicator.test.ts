import { afterEach, describe, expect, it, vi } from 'vitest';
import { isLedgerEmpty, statesOf, TestFleet } from './testing/test-fleet.ts';
import { eventually, generatedPath, imageBytes } from './testing/test-server.ts';

const fleet = new TestFleet();

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => fleet.stop());

describe('a fleet that is well', () => {
  it('brings small and large images to every peer, byte for byte, with their records', async () => {
    const [s1, s2, s3] = await fleet.of({}, 2);
    const images = [imageBytes(1), imageBytes(), imageBytes(1024 * 1024), imageBytes(3_000_000)];
    const records = await Promise.all(images.map((bytes, index) => s1.accept(generatedPath(index), bytes)));
    await s1.accept('banners/首页.png', imageBytes(10));
    await eventually('empty ledger', () => isLedgerEmpty(s1));
    for (const peer of [s2, s3]) {
      for (const [index, bytes] of images.entries()) {
        expect((await peer.read(generatedPath(index)))?.equals(bytes)).toBe(true);
        expect(await peer.catalog.find(generatedPath(index))).toEqual({ ...records[index], stagingName: null });
      }
      expect(await peer.read('banners/首页.png')).toBeDefined();
      expect(await peer.leftovers()).toEqual([]);
      expect(await peer.ledger()).toEqual([]);
    }
  });
});

describe('a peer that is down', () => {
  it('parks what is for it without burning attempts, and gets it in order when it is back', async () => {
    const [s1, s2] = await fleet.of();
    await s1.accept(generatedPath(0), imageBytes());
    await eventually('first image', () => isLedgerEmpty(s1));
    await s2.unplug();
    await s1.accept(generatedPath(1), imageBytes());
    await eventually('parked', async () => (await statesOf(s1)).join() === 'parked 0 PEER_DOWN');
    expect(s1.replicator.peers()).toMatchObject([{ name: 's2', state: 'down', cause: { code: 'PEER_DOWN' } }]);
    expect(s1.replicator.targets()).toMatchObject([{ server: 's2', parkedBy: { code: 'PEER_DOWN' } }]);
    for (let index = 2; index < 10; index += 1) await s1.accept(generatedPath(index), imageBytes());
    expect(new Set(await statesOf(s1))).toEqual(new Set(['parked 0 PEER_DOWN']));

    const arrived: string[] = [];
    s1.replicator.onSettled((settled) => arrived.push(...settled.map((one) => ('path' in one ? one.path : '?'))));
    await s2.listen();
    await eventually('empty ledger', () => isLedgerEmpty(s1));
    expect(arrived).toEqual(Array.from({ length: 9 }, (_, index) => generatedPath(index + 1)));
    expect(s1.replicator.peers()).toMatchObject([{ state: 'up', cause: null }]);
    const lines = (await s1.failures()).map((line) => line.split('\t').slice(1, 4).join(' '));
    expect(lines).toContain(`${generatedPath(1)} s2 PEER_DOWN`);
    expect(lines).toHaveLength(9);
  });

  it('is known as such within seconds without any upload, so that the next one is parked at birth', async () => {
    const [s1, s2] = await fleet.of();
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    s2.requests.length = 0;
    await s2.unplug();
    await eventually('down', () => s1.replicator.peers()[0]?.cause?.code === 'PEER_DOWN');
    await s1.accept(generatedPath(1), imageBytes());
    expect(await statesOf(s1)).toEqual(['parked 0 PEER_DOWN']);
    expect(s2.requests).toEqual([]);
    await s2.listen();
    await eventually('empty ledger', () => isLedgerEmpty(s1));
    expect(s2.requests).toEqual(['/peer/v1/hello', '/peer/v1/batch']);
  });

  it('that was down before we started is parked, and what it lacked goes when it comes', async () => {
    const s2 = await fleet.server({ name: 's2' });
    await s2.openCatalog([]);
    await s2.unplug();
    const s1 = await fleet.server({ name: 's1' });
    await s1.replicateTo(s2);
    await s1.accept(generatedPath(1), imageBytes());
    await eventually('parked', async () => (await statesOf(s1)).join() === 'parked 0 PEER_DOWN');
    await s2.listen();
    await eventually('empty ledger', () => isLedgerEmpty(s1));
  });

  it('gets only the newest of an image that was overwritten meanwhile', async () => {
    const [s1, s2] = await fleet.of();
    await s1.accept('banners/a.png', imageBytes());
    await eventually('first version', () => isLedgerEmpty(s1));
    await s2.unplug();
    await s1.accept('banners/a.png', imageBytes(), 'overwrite');
    await s1.accept('banners/a.png', imageBytes(3000), 'overwrite');
    const newest = imageBytes(5000);
    const record = await s1.accept('banners/a.png', newest, 'overwrite');
    expect(await s1.ledger()).toHaveLength(1);
    await s2.listen();
    await eventually('empty ledger', () => isLedgerEmpty(s1));
    expect((await s2.read('banners/a.png'))?.equals(newest)).toBe(true);
    expect(await s2.catalog.find('banners/a.png')).toEqual({ ...record, stagingName: null });
    expect(await s2.leftovers()).toEqual([]);
  });

  it('that replays an image which is overwritten meanwhile hears that the old version will not arrive', async () => {
    const [s1, s2] = await fleet.of();
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    await s2.unplug();
    await s1.accept('banners/a.png', imageBytes());
    await eventually('parked', async () => (await statesOf(s1)).join() === 'parked 0 PEER_DOWN');
    const [parked] = await s1.ledger();
    const ends: string[] = [];
    s1.replicator.onSettled((settled) => ends.push(...settled.map(({ id, state }) => `${String(id)} ${state}`)));
    // Between the replay's look at the ledger and the push's.
    const takeDue = s1.catalog.takeDue.bind(s1.catalog);
    s1.catalog.takeDue = async (query) => {
      s1.catalog.takeDue = takeDue;
      await s1.accept('banners/a.png', imageBytes(3000), 'overwrite');
      return takeDue(query);
    };
    await s2.listen();
    expect(await s1.replicator.replay({})).toEqual({ ids: [parked?.id], unreachable: [] });
    await eventually('told', () => ends.includes(`${String(parked?.id)} superseded`));
    await eventually('empty ledger', () => isLedgerEmpty(s1));
  });

  it('without automatic retry keeps its deliveries parked until a replay, while new ones flow', async () => {
    const [s1, s2] = await fleet.of({ autoRetry: false });
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    await s2.unplug();
    await s1.accept(generatedPath(1), imageBytes());
    await eventually('parked', async () => (await statesOf(s1)).join() === 'parked 0 PEER_DOWN');
    expect(await s1.replicator.replay({})).toEqual({ ids: [], unreachable: ['s2'] });
    await s2.listen();
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    await s1.accept(generatedPath(2), imageBytes());
    await eventually('the new one', async () => (await s2.read(generatedPath(2))) !== undefined);
    await eventually('only the parked one', async () => (await statesOf(s1)).join() === 'parked 0 PEER_DOWN');
    const [parked] = await s1.ledger();
    expect(await s1.replicator.replay({})).toEqual({ ids: [parked?.id], unreachable: [] });
    await eventually('empty ledger', () => isLedgerEmpty(s1));
  });

  it('is replayed at once when it is back, and the replay counts what it let go', async () => {
    const [s1, s2] = await fleet.of();
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    await s2.unplug();
    await s1.accept(generatedPath(1), imageBytes());
    await eventually('parked', async () => (await statesOf(s1)).join() === 'parked 0 PEER_DOWN');
    const [parked] = await s1.ledger();
    await s2.listen();
    expect(await s1.replicator.replay({ ids: [parked?.id ?? 0] })).toEqual({ ids: [parked?.id], unreachable: [] });
    await eventually('empty ledger', () => isLedgerEmpty(s1));
  });
});

describe('a connection', () => {
  it('that breaks once costs one attempt, because the peer answers the probe', async () => {
    const [s1, s2] = await fleet.of({ backoff: { first: '1h', cap: '1h' }, random: () => 0.9 });
    let breaks = 1;
    s2.intercept = (request) => {
      if (request.url !== '/peer/v1/batch' || breaks-- <= 0) return false;
      request.socket.destroy();
      return true;
    };
    await s1.accept(generatedPath(1), imageBytes());
    await eventually('failed', async () => (await statesOf(s1)).join() === 'failed 1 PEER_UNREACHABLE');
    expect(s1.replicator.peers()).toMatchObject([{ state: 'up' }]);
    await s1.replicator.replay({});
    await eventually('empty ledger', () => isLedgerEmpty(s1));
  });

  it('that breaks in the middle of a batch leaves whole images only, and the rest comes again', async () => {
    const [s1, s2] = await fleet.of();
    let breaks = 1;
    let cuts = 0;
    s2.intercept = (request) => {
      if (request.url === '/peer/v1/batch' && breaks-- > 0) {
        let bytes = 0;
        const cut = (chunk: Buffer): void => {
          bytes += chunk.length;
          if (bytes <= 1_500_000) return;
          cuts += 1;
          request.socket.destroy();
        };
        request.socket.on('data', cut);
      }
      return false;
    };
    // Parked first, so that they go in one batch.
    const images = Array.from({ length: 6 }, () => imageBytes(800_000));
    await s2.unplug();
    await Promise.all(images.map((bytes, index) => s1.accept(generatedPath(index), bytes)));
    const parked = images.map(() => 'parked 0 PEER_DOWN').join();
    await eventually('all parked', async () => (await statesOf(s1)).join() === parked);
    await s2.listen();
    await s1.replicator.replay({});
    await eventually('empty ledger', () => isLedgerEmpty(s1));
    expect(cuts).toBeGreaterThan(0);
    for (const [index, bytes] of images.entries()) {
      expect((await s2.read(generatedPath(index)))?.equals(bytes)).toBe(true);
    }
    expect(await s2.leftovers()).toEqual([]);
  });

  it('whose answer is lost delivers again, and the receiver says that it has the image', async () => {
    const [s1, s2] = await fleet.of();
    let losses = 1;
    s2.intercept = (request, response) => {
      if (request.url === '/peer/v1/batch' && losses-- > 0) {
        response.writeHead = () => {
          request.socket.destroy();
          return response;
        };
      }
      return false;
    };
    const bytes = imageBytes();
    await s1.accept(generatedPath(1), bytes);
    await eventually('empty ledger', () => isLedgerEmpty(s1));
    expect(s2.requests.filter((url) => url === '/peer/v1/batch')).toHaveLength(2);
    expect((await s2.read(generatedPath(1)))?.equals(bytes)).toBe(true);
    expect(await s2.leftovers()).toEqual([]);
  });
});
