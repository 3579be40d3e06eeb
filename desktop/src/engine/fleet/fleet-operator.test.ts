import { beforeEach, describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { OPERATOR_API, type OperatorClient } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { FleetCall } from './fleet-calls.ts';
import { createFleetOperator } from './fleet-operator.ts';

const A = 'http://a:1';
const B = 'http://b:1';

describe('the API of a whole fleet', () => {
  let servers: string[];
  let followed: string;
  let asked: FleetCall<keyof OperatorClient>[];
  let answer: object;
  let api: OperatorClient;

  beforeEach(() => {
    servers = [A, B];
    followed = A;
    asked = [];
    answer = {};
    const ask = async (call: never): Promise<never> => {
      const { first = followed } = call as FleetCall<keyof OperatorClient>;
      asked.push(call);
      return Promise.resolve({ server: first, answer } as never);
    };
    api = createFleetOperator({ calls: { ask }, servers: () => servers });
  });

  it('has every call of the table', () => {
    expect(Object.keys(api).sort()).toEqual(Object.keys(OPERATOR_API).sort());
  });

  it('goes on elsewhere with what is said twice without harm, and not with what changes one server alone', async () => {
    await api.listServers({});
    await api.lookupImages({ sha256: [] });
    await api.replayDeliveries({ all: true, scope: 'fleet' });
    await api.setMaintenance({ name: 's1', on: true, scope: 'fleet' });
    await api.startVerify({ waitSeconds: 0 });
    expect(asked.map(({ mayMoveOn }) => mayMoveOn)).toEqual([true, true, true, true, true]);
    await api.replayDeliveries({ all: true });
    await api.setMaintenance({ name: 's1', on: true });
    expect(asked.slice(5).map(({ mayMoveOn }) => mayMoveOn)).toEqual([false, false]);
  });

  it('refuses ids of which nobody knows whose they are', async () => {
    await expect(api.replayDeliveries({ ids: [1], scope: 'fleet' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(asked).toEqual([]);
    await api.replayDeliveries({ ids: [1], source: 's2', scope: 'fleet' });
    expect(asked[0]).toMatchObject({ input: { ids: [1], source: 's2', scope: 'fleet' }, mayMoveOn: true });
  });

  describe('in pages', () => {
    const next = async (call: Promise<{ readonly next: string | null }>): Promise<string> => (await call).next ?? '';

    it('goes on at the server that gave the last one, whoever is followed by then, and ends where that ends', async () => {
      answer = { next: 'place 100' };
      const cursor = await next(api.listDeliveries({ scope: 'fleet' }));
      followed = B;
      answer = { next: null };
      expect((await api.listDeliveries({ scope: 'fleet', cursor })).next).toBeNull();
      expect(asked[1]).toMatchObject({ first: A, mayMoveOn: true, input: { scope: 'fleet', cursor: 'place 100' } });
    });

    it('shows rows of one ledger to no other server', async () => {
      answer = { next: '17' };
      const cursor = await next(api.listDeliveries({}));
      await api.listDeliveries({ cursor });
      expect(asked[1]).toMatchObject({ first: A, mayMoveOn: false, input: { cursor: '17' } });
      servers = [B];
      await expect(api.listDeliveries({ cursor })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
      expect(asked).toHaveLength(2);
    });

    it('goes on with images at any server: their place is a path', async () => {
      answer = { next: '2026/3/9/x.png' };
      const cursor = await next(api.listImages({}));
      servers = [B];
      await api.listImages({ cursor });
      expect(asked[1]).toMatchObject({ first: undefined, mayMoveOn: true, input: { cursor: '2026/3/9/x.png' } });
    });

    it('refuses a cursor that it did not give out', async () => {
      const call = api.listImages({ cursor: 'x' });
      await expect(call).rejects.toBeInstanceOf(FleetError);
      await expect(call).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    });
  });

  it('asks after the last run where that was begun, whoever is followed by then', async () => {
    answer = { id: 'run 1' };
    await api.readVerify({});
    await api.startVerify({ waitSeconds: 0 });
    followed = B;
    await api.readVerify({});
    servers = [B];
    await api.readVerify({});
    expect(asked.map(({ first }) => first)).toEqual([undefined, undefined, A, undefined]);
    expect(asked[2]?.mayMoveOn).toBe(false);
  });

  it('asks after a run where it runs', async () => {
    answer = { id: 'run 1' };
    await api.startVerify({ waitSeconds: 0 });
    followed = B;
    await api.readVerify({ id: 'run 1' });
    await api.readVerify({ id: 'run 2' });
    expect(asked[1]).toMatchObject({ first: A, mayMoveOn: false });
    expect(asked[2]).toMatchObject({ mayMoveOn: true });
    expect(asked[2]?.first).toBeUndefined();
  });
});
