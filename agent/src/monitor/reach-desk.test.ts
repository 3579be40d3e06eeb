import type { ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import { ReachDesk } from './reach-desk.ts';

const S2: ServerAddress = { host: '10.0.0.2', port: 7401 };
const NAMED: ServerAddress = { host: 'Images.example.com', port: 80 };
const CAUSE = { code: 'PEER_TIMEOUT', message: 'nothing' } as const;

let now: number;
let tried: string[];
let observe: () => Promise<Observation>;
let desk: ReachDesk;

beforeEach(() => {
  now = 0;
  tried = [];
  observe = () => Promise.resolve({ kind: 'success', latencyMs: 1 });
  desk = deskFor([S2, NAMED]);
});

function deskFor(known: readonly ServerAddress[]): ReachDesk {
  return new ReachDesk({
    known,
    probe: ({ host, port, timeoutMs }) => {
      expect(timeoutMs).toBeLessThan(500);
      tried.push(`${host}:${String(port)}`);
      return observe();
    },
    monotonic: () => now,
  });
}

describe('the desk where others ask whom this server reaches', () => {
  it.each([
    [{ kind: 'success', latencyMs: 1 }, 'reached'],
    [{ kind: 'failure', cause: CAUSE }, 'unreached'],
    [{ kind: 'silence', cause: CAUSE }, 'unreached'],
    [{ kind: 'ownFailure', cause: CAUSE }, 'cannotSay'],
  ] as const)('takes a probe with %j for %s', async (observation, answer) => {
    observe = () => Promise.resolve(observation);
    expect(await desk.answer([S2])).toEqual([answer]);
  });

  it('tries only what this server has to do with, so that nobody can look around in its network', async () => {
    const others = [
      { ...S2, port: 22 },
      { ...S2, host: '10.0.0.3' },
      { host: '127.0.0.1', port: 7401 },
    ];
    expect(await desk.answer([...others, S2])).toEqual(['cannotSay', 'cannotSay', 'cannotSay', 'reached']);
    expect(tried).toEqual(['10.0.0.2:7401']);
    expect(await desk.answer([{ host: 'images.EXAMPLE.com.', port: 80 }])).toEqual(['reached']);
  });

  it('tries once for all who ask in the same moment, and again when that is over', async () => {
    const gate = Promise.withResolvers<Observation>();
    observe = () => gate.promise;
    const answers = [desk.answer([S2, S2]), desk.answer([S2])];
    now = 250;
    gate.resolve({ kind: 'silence', cause: CAUSE });
    expect((await Promise.all(answers)).flat()).toEqual(['unreached', 'unreached', 'unreached']);
    observe = () => Promise.resolve({ kind: 'success', latencyMs: 1 });
    now = 549;
    expect(await desk.answer([S2])).toEqual(['unreached']);
    expect(tried).toHaveLength(1);
    now = 550;
    expect(await desk.answer([S2])).toEqual(['reached']);
    expect(tried).toHaveLength(2);
  });

  it('has no answer beyond what it can try at the same time, and is free again after that', async () => {
    const many = Array.from({ length: 257 }, (_, index) => ({ host: '10.0.1.1', port: index + 1 }));
    desk = deskFor(many);
    const gate = Promise.withResolvers<Observation>();
    observe = () => gate.promise;
    const answer = desk.answer(many);
    gate.resolve({ kind: 'success', latencyMs: 1 });
    const counts = Object.groupBy(await answer, (one) => one);
    expect([counts.reached?.length, counts.cannotSay?.length]).toEqual([256, 1]);
    expect(await desk.answer(many.slice(-1))).toEqual(['reached']);
  });

  it('is not stuck with an address whose probe broke', async () => {
    observe = () => Promise.reject(new Error('a bug'));
    await expect(desk.answer([S2])).rejects.toThrow('a bug');
    observe = () => Promise.resolve({ kind: 'success', latencyMs: 1 });
    now = 1000;
    expect(await desk.answer([S2])).toEqual(['reached']);
  });
});
