import { afterEach, describe, expect, it } from 'vitest';
import { MemoryCatalog } from '#services/testing/memory-catalog.ts';
import { PeerIdentities } from './peer-identities.ts';
import { sourceOf } from './reseed/testing/reseed-builders.ts';
import { TestFleet } from './testing/test-fleet.ts';
import { eventually } from './testing/test-server.ts';

const PEERS = ['s2', 's3'];

describe('the ids of peers', () => {
  it('are remembered, the ones of before too', async () => {
    const catalog = new MemoryCatalog();
    const ids = new PeerIdentities({ catalog, peers: PEERS });
    await ids.start();
    for (const id of ['first', 'second', 'second']) await ids.meet('s2', id);
    const later = new PeerIdentities({ catalog, peers: PEERS });
    await later.start();
    expect(later.idsOf('S2')).toEqual(['first', 'second']);
    expect(later.idsOf('s3')).toEqual([]);
    expect(later.idsOf('stranger')).toEqual([]);
  });

  it('are bounded', async () => {
    const ids = new PeerIdentities({ catalog: new MemoryCatalog(), peers: PEERS });
    for (let index = 0; index < 30; index += 1) await ids.meet('s2', String(index));
    expect(ids.idsOf('s2')).toHaveLength(10);
    expect(ids.idsOf('s2').at(-1)).toBe('29');
  });

  it('belong to one peer: who comes second with an id is refused, and so is our own id', async () => {
    const ids = new PeerIdentities({ catalog: new MemoryCatalog(), peers: PEERS });
    await ids.meet('s2', 'x');
    await expect(ids.meet('s3', 'x')).rejects.toMatchObject({ code: 'PEER_DUPLICATE', message: /belongs to s2/ });
    await expect(ids.meet('s3', 'test')).rejects.toMatchObject({ code: 'PEER_DUPLICATE' });
    await ids.meet('s2', 'y');
    // s2 has another one now, so it is free.
    await ids.meet('s3', 'x');
  });
});

describe('one server under two names', () => {
  const fleet = new TestFleet();
  afterEach(() => fleet.stop());

  it('is up under one of them, and parked under the other with the cause', async () => {
    const [s1, s2] = await Promise.all([fleet.server({ name: 's1' }), fleet.server({ name: 's2' })]);
    await s2.openCatalog([]);
    await s1.replicateTo(s2, { name: 's3', url: s2.url, key: s2.key });
    await eventually('both are judged', () => s1.replicator.peers().every(({ state }) => state !== 'unknown'));
    const states = s1.replicator.peers().map(({ state, cause }) => [state, cause?.code]);
    expect(states).toContainEqual(['up', undefined]);
    expect(states).toContainEqual(['down', 'PEER_DUPLICATE']);
    const parked = s1.replicator.targets().filter(({ parkedBy }) => parkedBy !== null);
    expect(parked).toMatchObject([{ parkedBy: { code: 'PEER_DUPLICATE' } }]);
  });

  it('is told under which ids it has been seen', async () => {
    const [s1, s2] = await Promise.all([fleet.server({ name: 's1' }), fleet.server({ name: 's2' })]);
    await s2.openCatalog([]);
    await s1.replicateTo(s2);
    const source = sourceOf(s1, s2);
    await eventually('met', async () => (await source.known(AbortSignal.timeout(5000))).ids.length > 0);
    expect(await source.known(AbortSignal.timeout(5000))).toEqual({
      ids: [s2.catalog.serverId],
      hasWholeCatalog: true,
    });
    source.close();
  });
});
