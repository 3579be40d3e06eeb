import { rm, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isLedgerEmpty, statesOf, TestFleet } from './testing/test-fleet.ts';
import { eventually, generatedPath, imageBytes } from './testing/test-server.ts';

const fleet = new TestFleet();

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => fleet.stop());

describe('the link to a peer', () => {
  it('sends small images while a large one is on its way, and counts what is in flight', async () => {
    const [s1, s2] = await fleet.of();
    const gate = Promise.withResolvers<undefined>();
    const stage = s2.store.stage.bind(s2.store);
    s2.store.stage = async (source, options) => {
      if (options.maxBytes > 1024 * 1024) await gate.promise;
      return stage(source, options);
    };
    await Promise.all([1, 2, 3].map((index) => s1.accept(generatedPath(index), imageBytes(1_500_000))));
    await eventually('large on its way', () => s1.replicator.inflightCount('s2') === 1);
    const [large] = await s1.ledger();
    expect(s1.replicator.isInflight(large?.id ?? 0)).toBe(true);
    expect(large?.state).toBe('pending');
    await s1.accept(generatedPath(4), imageBytes());
    await eventually('the small one', async () => (await s2.read(generatedPath(4))) !== undefined);
    await eventually('three large ones left', async () => (await s1.ledger()).length === 3);
    gate.resolve(undefined);
    await eventually('empty ledger', () => isLedgerEmpty(s1));
    expect(s1.replicator.inflightCount('s2')).toBe(0);
  });

  it('gathers what comes while a batch is on its way into the next one', async () => {
    const [s1, s2] = await fleet.of();
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    await Promise.all(Array.from({ length: 100 }, (_, index) => s1.accept(generatedPath(index), imageBytes(100))));
    await eventually('empty ledger', () => isLedgerEmpty(s1));
    expect(s2.requests.filter((url) => url === '/peer/v1/batch').length).toBeLessThan(50);
  });

  it('finishes the batch that is under way when it stops', async () => {
    const [s1, s2] = await fleet.of();
    const stage = s2.store.stageWhole.bind(s2.store);
    const started = Promise.withResolvers<undefined>();
    const gate = Promise.withResolvers<undefined>();
    s2.store.stageWhole = async (bytes) => {
      started.resolve(undefined);
      await gate.promise;
      return stage(bytes);
    };
    await s1.accept(generatedPath(1), imageBytes());
    await started.promise;
    const stopped = s1.replicator.stop();
    gate.resolve(undefined);
    await stopped;
    expect(await s1.ledger()).toEqual([]);
  });

  it('burns no attempt when it stops while it is not yet clear whether the peer is down', async () => {
    const [s1, s2] = await fleet.of();
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    const probed = Promise.withResolvers<undefined>();
    s2.intercept = (request) => {
      if (request.url === '/peer/v1/batch') request.socket.destroy();
      else probed.resolve(undefined);
      return true;
    };
    await s1.accept(generatedPath(1), imageBytes());
    await probed.promise;
    await s1.replicator.stop();
    expect(await statesOf(s1)).toEqual(['pending 0 ']);
  });

  it('replays on schedule what is dead, because a good copy may have come back', async () => {
    const [s1, s2] = await fleet.of({ replayEvery: '1s' });
    const bytes = imageBytes();
    await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
    await s2.unplug();
    await s1.accept(generatedPath(1), bytes);
    // Not before it is certain that the first push has not got through.
    await eventually('parked', async () => (await statesOf(s1)).join().startsWith('parked'));
    await rm(s1.fileOf(generatedPath(1)));
    await s2.listen();
    await eventually('dead', async () => /^dead \d OWN_COPY_MISSING$/.test((await statesOf(s1)).join()));
    await writeFile(s1.fileOf(generatedPath(1)), bytes);
    await eventually('empty ledger', () => isLedgerEmpty(s1));
  });
});
