import { describe, expect, it } from 'vitest';
import { SimulatedFleet, type Behaviour, type SimulationOptions } from '#testing/simulated-fleet.ts';
import { FleetHealth } from './fleet-health.ts';
import { DEFAULT_HEALTH_SETTINGS } from './health-settings.ts';

const MINUTE = 60_000;
const NAMES = ['a', 'b', 'c'] as const;

/** A fleet that behaves well until `fromMs`, then as `later` says. */
function fleet(
  fromMs: number,
  later: Readonly<Record<string, Behaviour>>,
  options: Partial<SimulationOptions> = {},
): SimulatedFleet {
  return new SimulatedFleet({
    servers: NAMES.map((name) => ({ name })),
    behaviour: (server, nowMs) => (nowMs < fromMs ? 'up' : (later[server] ?? 'up')),
    ...options,
  });
}

/** Milliseconds from `fromMs` until the server was called down. */
function downAfter(simulated: SimulatedFleet, server: string, fromMs: number): number | undefined {
  const down = simulated.transitions.find((one) => one.server === server && one.to === 'down' && one.atMs >= fromMs);
  return down === undefined ? undefined : down.atMs - fromMs;
}

describe('a server on the own machine', () => {
  it('proves nothing about the network', () => {
    const simulated = new SimulatedFleet({
      servers: [{ name: 'local', isOwn: true }, { name: 'a' }, { name: 'b' }],
      behaviour: (server, nowMs) => (server !== 'local' && nowMs >= MINUTE ? 'silent' : 'up'),
    });
    simulated.run(3 * MINUTE);
    expect(['local', 'a', 'b'].map((name) => simulated.state(name))).toEqual(['up', 'unknown', 'unknown']);
  });

  it('needs no witness and no proof to be down when it is silent', () => {
    const simulated = fleet(
      MINUTE,
      { local: 'silent' },
      {
        servers: [
          { name: 'local', isOwn: true },
          { name: 'other', isOwn: true },
        ],
      },
    );
    simulated.run(2 * MINUTE);
    expect(downAfter(simulated, 'local', MINUTE)).toBeLessThan(5500);
    expect(simulated.health.get('local')).toMatchObject({ rule: 'failures', isConfirmed: true });
  });
});

describe('a name that never had an address', () => {
  it('does not keep the only other server from being called down', () => {
    const simulated = new SimulatedFleet({
      servers: [{ name: 'a' }, { name: 'nowhere' }],
      behaviour: (server, nowMs) => (server === 'nowhere' ? 'ownFailure' : nowMs < MINUTE ? 'up' : 'silent'),
    });
    simulated.run(2 * MINUTE);
    expect(simulated.state('nowhere')).toBe('unknown');
    expect(downAfter(simulated, 'a', MINUTE)).toBeLessThan(9000);
  });
});

describe('an observer whose own interface is gone', () => {
  it('tells of it once, knows nothing of anybody, and goes on as before', () => {
    const simulated = new SimulatedFleet({
      servers: NAMES.map((name) => ({ name })),
      behaviour: (_, nowMs) => (nowMs >= MINUTE && nowMs < 2 * MINUTE ? 'ownFailure' : 'up'),
    });
    simulated.run(2 * MINUTE);
    expect(NAMES.map((name) => simulated.state(name))).toEqual(['unknown', 'unknown', 'unknown']);
    simulated.run(3 * MINUTE);
    expect(NAMES.map((name) => simulated.state(name))).toEqual(['up', 'up', 'up']);
    expect(simulated.isolations.map(({ isIsolated }) => isIsolated)).toEqual([true, false]);
  });
});

it('time in which nobody looked does not count as warm-up', () => {
  const health = new FleetHealth({ settings: { ...DEFAULT_HEALTH_SETTINGS, rise: 1 }, hasWitnesses: false });
  health.add({ name: 'a', isOwn: false, isHeldOnline: false, isInMaintenance: false }, 0);
  const success = (atMs: number): unknown => {
    const observation = { kind: 'success', latencyMs: 1 } as const;
    return health.step({ kind: 'observed', server: 'a', observation, startedMs: atMs }, atMs);
  };
  success(0);
  success(2000);
  success(3_600_000);
  expect(health.get('a')?.core).toBe('warming');
  for (let atMs = 3_602_000; atMs <= 3_610_000; atMs += 2000) success(atMs);
  expect(health.get('a')?.core).toBe('up');
});
