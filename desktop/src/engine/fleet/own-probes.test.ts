import { beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import { VirtualFleetClock } from '#engine/testing/fleet-clock.ts';
import type { OwnVerdict } from './judge-own-probes.ts';
import { OwnProbes } from './own-probes.ts';

const SILENT: Observation = { kind: 'silence', cause: { code: 'PROBE_TIMEOUT', message: 'text' } };
const REFUSED: Observation = { kind: 'failure', cause: { code: 'PROBE_REFUSED', message: 'text' } };

describe('own probes', () => {
  let clock: VirtualFleetClock;
  let seen: Map<string, Observation>;
  let rounds: number[];
  let looks: number;
  let verdicts: OwnVerdict['kind'][];
  let probes: OwnProbes;

  beforeEach(() => {
    clock = new VirtualFleetClock();
    seen = new Map([
      ['10.0.0.1', SILENT],
      ['10.0.0.2', SILENT],
    ]);
    rounds = [];
    looks = 0;
    verdicts = [];
    const start = clock.now();
    probes = new OwnProbes({
      clock,
      servers: () => ['http://10.0.0.1:7401', 'http://10.0.0.2:7401', 'nonsense'],
      onVerdict: ({ kind }) => verdicts.push(kind),
      machine: {
        ownHosts: async () => {
          looks += 1;
          return Promise.resolve(new Set());
        },
        hasAddress: () => true,
        connect: async ({ host }) => {
          if (host === '10.0.0.1') rounds.push(clock.now() - start);
          return Promise.resolve(seen.get(host) ?? SILENT);
        },
      },
    });
  });

  it('connect to every server every two seconds, and believe what two rounds say', async () => {
    probes.start();
    await clock.pass(1999);
    expect(verdicts).toEqual([]);
    await clock.pass(4001);
    expect(rounds).toEqual([0, 2000, 4000, 6000]);
    expect(verdicts).toEqual(['ownNetwork', 'ownNetwork', 'ownNetwork']);
    expect(looks).toBe(1);
    seen.set('10.0.0.1', REFUSED);
    await clock.pass(2000);
    expect(verdicts).toHaveLength(3);
    await clock.pass(2000);
    expect(verdicts.at(-1)).toBe('down');
  });

  it('end when they are stopped, and begin anew', async () => {
    probes.start();
    probes.start();
    await clock.pass(2000);
    await probes.stop();
    await clock.pass(60_000);
    expect([rounds.length, clock.timers]).toEqual([2, 0]);
    probes.start();
    await clock.pass(0);
    expect(rounds).toHaveLength(3);
    await probes.stop();
  });
});
