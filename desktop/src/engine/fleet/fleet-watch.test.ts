import { beforeEach, describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { VirtualFleetClock } from '#engine/testing/fleet-clock.ts';
import { FleetWatch } from './fleet-watch.ts';

describe('the look at all servers', () => {
  let clock: VirtualFleetClock;
  let isAnswered: boolean;
  let asked: number[];
  let heard: string[];
  let watch: FleetWatch;

  beforeEach(() => {
    clock = new VirtualFleetClock();
    isAnswered = true;
    asked = [];
    heard = [];
    const start = clock.now();
    const ask = async (): Promise<never> => {
      asked.push(clock.now() - start);
      if (!isAnswered) throw new FleetError('PEER_UNREACHABLE', 'text');
      return Promise.resolve({ server: 'http://a', answer: { servers: [], silent: [] } } as never);
    };
    watch = new FleetWatch({
      ...{ clock, calls: { ask }, names: { learn: async () => Promise.resolve(), learnFrom: () => undefined } },
      onHeard: ({ from }) => heard.push(from),
      onUnheard: ({ code }) => heard.push(code),
    });
  });

  it('is taken at the start and at least every twenty seconds', async () => {
    watch.start();
    watch.start();
    await clock.pass(40_000);
    expect(asked).toEqual([0, 15_300, 30_600]);
    expect(heard).toEqual(['http://a', 'http://a', 'http://a']);
  });

  it('is taken soon after an event, once for many of them', async () => {
    watch.start();
    await clock.pass(1000);
    for (let event = 0; event < 100; event += 1) {
      watch.stale();
      await clock.pass(10);
    }
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.length).toBeLessThan(6);
    await clock.pass(400);
    expect(asked.at(-1)).toBeGreaterThan(1990);
  });

  it('is taken again after a failure, with longer and longer waits', async () => {
    isAnswered = false;
    watch.start();
    await clock.pass(10_000);
    expect(asked).toEqual([0, 1800, 5100]);
    expect(heard).toEqual(['PEER_UNREACHABLE', 'PEER_UNREACHABLE', 'PEER_UNREACHABLE']);
  });

  it('ends', async () => {
    watch.start();
    await clock.pass(1000);
    watch.close();
    await clock.pass(60_000);
    expect([asked.length, clock.timers]).toEqual([1, 0]);
  });
});
