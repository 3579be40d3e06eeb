import { describe, expect, it } from 'vitest';
import { SimulatedFleet, type Behaviour, type SimulationOptions } from '#testing/simulated-fleet.ts';

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

/** Numbers in [0, 1) that follow from the seed (Lehmer, 1951). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Milliseconds from `fromMs` until the server was called down. */
function downAfter(simulated: SimulatedFleet, server: string, fromMs: number): number | undefined {
  const down = simulated.transitions.find((one) => one.server === server && one.to === 'down' && one.atMs >= fromMs);
  return down === undefined ? undefined : down.atMs - fromMs;
}

describe('a server after the start', () => {
  it('is unknown, then warming, and up after the warm-up time', () => {
    const simulated = fleet(MINUTE, {});
    expect(simulated.state('a')).toBe('unknown');
    simulated.run(9000);
    expect(simulated.state('a')).toBe('warming');
    simulated.run(13_000);
    expect(simulated.changesOf('a')).toEqual(['unknown>warming', 'warming>up']);
    expect(simulated.transitions.find(({ to }) => to === 'up')?.atMs).toBeGreaterThanOrEqual(10_000);
  });

  it('stays unknown instead of warming when the status files hold it as online', () => {
    const simulated = fleet(MINUTE, {}, { servers: [{ name: 'a', isHeldOnline: true }, { name: 'b' }] });
    simulated.run(20_000);
    expect(simulated.changesOf('a')).toEqual(['unknown>up']);
  });

  it('is down when it refuses, held online or not', () => {
    const simulated = fleet(0, { a: 'refusing' }, { servers: [{ name: 'a', isHeldOnline: true }, { name: 'b' }] });
    simulated.run(3000);
    expect(simulated.changesOf('a')).toEqual(['unknown>down']);
  });

  it('begins its warm-up again after a single failure in it', () => {
    const simulated = new SimulatedFleet({
      servers: [{ name: 'a' }],
      behaviour: (_, nowMs) => (nowMs >= 8000 && nowMs < 10_000 ? 'refusing' : 'up'),
      settings: { fall: 10 },
    });
    simulated.run(17_500);
    expect(simulated.changesOf('a')).toEqual(['unknown>warming']);
    simulated.run(24_000);
    expect(simulated.state('a')).toBe('up');
  });

  it('is down as soon as others are when it dies in its first warm-up', () => {
    const simulated = fleet(5000, { a: 'refusing' });
    simulated.run(9000);
    expect(downAfter(simulated, 'a', 5000)).toBeLessThan(2900);
  });

  it('needs as many successes as `rise` says, however short the warm-up', () => {
    const simulated = fleet(MINUTE, {}, { settings: { rise: 5, warmUpMs: 0 } });
    simulated.run(1500);
    expect(simulated.state('a')).toBe('warming');
    simulated.run(2500);
    expect(simulated.state('a')).toBe('up');
  });
});

describe('a server that is up', () => {
  it('survives fewer failures than `fall`', () => {
    const simulated = new SimulatedFleet({
      servers: NAMES.map((name) => ({ name })),
      behaviour: (server, nowMs) => (server === 'a' && nowMs % 20_000 > 19_300 ? 'refusing' : 'up'),
    });
    simulated.run(5 * MINUTE);
    expect(simulated.changesOf('a')).toEqual(['unknown>warming', 'warming>up']);
  });

  it('is down within three seconds when it refuses', () => {
    for (let offset = 0; offset < 2000; offset += 37) {
      const fromMs = MINUTE + offset;
      const simulated = fleet(fromMs, { a: 'refusing' });
      simulated.run(fromMs + 10_000);
      expect(downAfter(simulated, 'a', fromMs)).toBeLessThan(2900);
      expect(simulated.health.get('a')).toMatchObject({ rule: 'failures', isConfirmed: true });
    }
  });

  it('is down within 5.5 seconds when it falls silent and others answer', () => {
    for (let offset = 0; offset < 2000; offset += 37) {
      const fromMs = MINUTE + offset;
      const simulated = fleet(fromMs, { a: 'silent' });
      simulated.run(fromMs + 10_000);
      expect(downAfter(simulated, 'a', fromMs)).toBeLessThan(5500);
      expect(simulated.health.get('a')).toMatchObject({ rule: 'network-proven', isConfirmed: true });
    }
  });

  it('is down as fast when witnesses miss it, too', () => {
    const simulated = fleet(MINUTE, { a: 'silent' }, { witnesses: () => ({ reached: 1, unreached: 2 }) });
    simulated.run(2 * MINUTE);
    expect(downAfter(simulated, 'a', MINUTE)).toBeLessThan(5500);
    expect(simulated.health.get('a')).toMatchObject({ rule: 'witnesses-miss-it' });
  });

  it('stays up while the majority of the witnesses reaches it, and is down soon after they do not', () => {
    const simulated = fleet(
      MINUTE,
      { a: 'silent' },
      { witnesses: (_, nowMs) => (nowMs < 3 * MINUTE ? { reached: 2, unreached: 1 } : { reached: 0, unreached: 3 }) },
    );
    simulated.run(3 * MINUTE);
    expect(simulated.state('a')).toBe('up');
    expect(simulated.health.get('a')).toMatchObject({ rule: 'witnesses-reach-it', reachability: 'unreachable' });
    simulated.run(3 * MINUTE + 4000);
    expect(simulated.state('a')).toBe('down');
  });

  it('takes its own silence for the deciding voice when the witnesses are divided', () => {
    const simulated = fleet(MINUTE, { a: 'silent' }, { witnesses: () => ({ reached: 1, unreached: 1 }) });
    simulated.run(MINUTE + 6000);
    expect(simulated.state('a')).toBe('down');
  });

  it('is looked at more often when somebody suspects it, and in doubt until it has answered', () => {
    const simulated = fleet(MINUTE, {});
    simulated.run(30_000);
    simulated.input({ kind: 'suspected', server: 'a' });
    expect(simulated.health.get('a')?.reachability).toBe('doubted');
    simulated.run(30_002);
    expect(simulated.health.get('a')?.reachability).toBe('reachable');
  });
});

describe('a server that comes and goes', () => {
  it('every second for ten minutes makes at most one transition per warm-up, and hardly any', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const simulated = new SimulatedFleet({
        servers: NAMES.map((name) => ({ name })),
        behaviour: (server, nowMs) =>
          server === 'a' && nowMs > MINUTE && Math.floor(nowMs / 1000) % 2 === 0 ? 'refusing' : 'up',
        random: seededRandom(seed),
      });
      simulated.run(11 * MINUTE);
      const changes = simulated.changesOf('a').slice(2);
      expect(changes.length).toBeLessThanOrEqual(6);
      expect(simulated.transitions.filter(({ server }) => server !== 'a')).toHaveLength(4);
    }
  });

  it('counts as reachable at its first answer, long before it is up', () => {
    const simulated = new SimulatedFleet({
      servers: [{ name: 'a' }, { name: 'b' }],
      behaviour: (server, nowMs) => (server === 'a' && nowMs < MINUTE ? 'refusing' : 'up'),
    });
    simulated.run(MINUTE);
    expect(simulated.health.get('a')?.reachability).toBe('unreachable');
    simulated.run(MINUTE + 2100);
    expect(simulated.health.get('a')).toMatchObject({ reachability: 'reachable', core: 'warming' });
  });
});

describe('an observer that is cut off', () => {
  it('knows nothing of anybody, changes nothing, and goes on as before when it is back', () => {
    const simulated = new SimulatedFleet({
      servers: [...NAMES.map((name) => ({ name })), { name: 'self', isOwn: true }],
      behaviour: (server, nowMs) => (server !== 'self' && nowMs >= MINUTE && nowMs < 2 * MINUTE ? 'silent' : 'up'),
    });
    simulated.run(2 * MINUTE);
    for (const name of NAMES) expect(simulated.changesOf(name).slice(2)).toEqual(['up>unknown']);
    expect(simulated.state('self')).toBe('up');
    expect(simulated.isolations).toHaveLength(1);
    simulated.run(4 * MINUTE);
    for (const name of NAMES) expect(simulated.changesOf(name).slice(3)).toEqual(['unknown>up']);
    expect(simulated.isolations.map(({ isIsolated }) => isIsolated)).toEqual([true, false]);
  });

  it('finds out after its return who died meanwhile', () => {
    const simulated = new SimulatedFleet({
      servers: NAMES.map((name) => ({ name })),
      behaviour: (server, nowMs) => {
        if (nowMs < MINUTE) return 'up';
        return nowMs < 2 * MINUTE || server === 'a' ? 'silent' : 'up';
      },
    });
    simulated.run(3 * MINUTE);
    expect(simulated.changesOf('a').slice(2)).toEqual(['up>unknown', 'unknown>down']);
    expect(simulated.state('b')).toBe('up');
  });

  it('believes the witnesses when it still hears them', () => {
    const all = { a: 'silent', b: 'silent', c: 'silent' } as const;
    const simulated = fleet(MINUTE, all, { witnesses: () => ({ reached: 2, unreached: 0 }) });
    simulated.run(3 * MINUTE);
    expect(simulated.state('a')).toBe('up');
    expect(simulated.isolations).toEqual([]);
  });

  it('does not take a server that it never reached for dead when no other answers either', () => {
    const simulated = fleet(0, { a: 'silent', b: 'silent', c: 'silent' });
    simulated.run(2 * MINUTE);
    expect(NAMES.map((name) => simulated.state(name))).toEqual(['unknown', 'unknown', 'unknown']);
  });
});

describe('a fleet of two', () => {
  const pair = { servers: [{ name: 'self', isOwn: true }, { name: 'a' }] };

  it('fails over without a witness after twice as many silences, and says that it is a guess', () => {
    const simulated = fleet(MINUTE, { a: 'silent' }, pair);
    simulated.run(2 * MINUTE);
    expect(downAfter(simulated, 'a', MINUTE)).toBeLessThan(9000);
    expect(downAfter(simulated, 'a', MINUTE)).toBeGreaterThan(6 * 1000 - 1);
    expect(simulated.transitions.at(-1)).toMatchObject({ to: 'down', isConfirmed: false });
  });

  it('needs no guess when the other one refuses', () => {
    const simulated = fleet(MINUTE, { a: 'refusing' }, pair);
    simulated.run(2 * MINUTE);
    expect(downAfter(simulated, 'a', MINUTE)).toBeLessThan(2900);
    expect(simulated.transitions.at(-1)).toMatchObject({ to: 'down', isConfirmed: true });
  });
});

describe('failures of our own', () => {
  it('never take a server down, and are forgotten when they are over', () => {
    const simulated = new SimulatedFleet({
      servers: NAMES.map((name) => ({ name })),
      behaviour: (server, nowMs) => (server === 'a' && nowMs >= MINUTE && nowMs < 2 * MINUTE ? 'ownFailure' : 'up'),
    });
    simulated.run(3 * MINUTE);
    expect(simulated.changesOf('a').slice(2)).toEqual(['up>unknown', 'unknown>up']);
    expect(simulated.isolations).toEqual([]);
  });
});

describe('maintenance', () => {
  it('hides a server that is up, and lets it warm up anew afterwards', () => {
    const simulated = fleet(MINUTE, {});
    simulated.run(30_000);
    simulated.input({ kind: 'maintenance', server: 'a', isOn: true });
    simulated.run(MINUTE);
    expect(simulated.state('a')).toBe('maintenance');
    expect(simulated.health.get('a')?.reachability).toBe('reachable');
    simulated.input({ kind: 'maintenance', server: 'a', isOn: false });
    simulated.run(2 * MINUTE);
    expect(simulated.changesOf('a').slice(2)).toEqual(['up>maintenance', 'maintenance>warming', 'warming>up']);
    const [warming, up] = simulated.transitions.filter(({ server }) => server === 'a').slice(-2);
    expect((up?.atMs ?? 0) - (warming?.atMs ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('ends with what has happened meanwhile', () => {
    const simulated = fleet(MINUTE, { a: 'refusing' });
    simulated.run(30_000);
    simulated.input({ kind: 'maintenance', server: 'a', isOn: true });
    simulated.run(2 * MINUTE);
    expect(simulated.health.get('a')?.reachability).toBe('unreachable');
    simulated.input({ kind: 'maintenance', server: 'a', isOn: false });
    expect(simulated.state('a')).toBe('down');
  });
});
