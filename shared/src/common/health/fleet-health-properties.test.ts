import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedFleet, type Behaviour } from '#testing/simulated-fleet.ts';
import { isOnline } from './fleet-snapshot.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;
const RUNS = { numRuns: 150 };
const END_MS = 180_000;

interface Phase {
  readonly lengthMs: number;
  readonly behaviour: Behaviour;
}

const phase = (behaviours: readonly Behaviour[]): fc.Arbitrary<Phase> =>
  fc.record({
    lengthMs: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 40_000 })),
    behaviour: fc.constantFrom(...behaviours),
  });
const life = (...behaviours: readonly Behaviour[]): fc.Arbitrary<readonly Phase[]> =>
  fc.array(phase(behaviours), { minLength: 1, maxLength: 40 });
const ANY = ['up', 'refusing', 'silent', 'ownFailure'] as const;

function behaviourAt(phases: readonly Phase[], nowMs: number): Behaviour {
  let endMs = 0;
  for (const { lengthMs, behaviour } of phases) {
    endMs += lengthMs;
    if (nowMs < endMs) return behaviour;
  }
  return phases.at(-1)?.behaviour ?? 'up';
}

function simulate(
  lives: readonly (readonly Phase[])[],
  options: Partial<ConstructorParameters<typeof SimulatedFleet>[0]> = {},
): SimulatedFleet {
  const simulated = new SimulatedFleet({
    servers: lives.map((_, index) => ({ name: NAMES[index] ?? '?' })),
    behaviour: (server, nowMs) => behaviourAt(lives[NAMES.indexOf(server as 'a')] ?? [], nowMs),
    ...options,
  });
  simulated.run(END_MS);
  return simulated;
}

/** When each server's availability changed in the status files. */
function flipsOf(simulated: SimulatedFleet, server: string): readonly number[] {
  let online = false;
  const flips: number[] = [];
  for (const { atMs, to } of simulated.transitions.filter((one) => one.server === server)) {
    const next = isOnline(to);
    if (next === null || next === online) continue;
    online = next;
    flips.push(atMs);
  }
  return flips;
}

describe('whatever the servers do', () => {
  const lives = fc.array(life(...ANY), { minLength: 1, maxLength: 4 });

  it('a server is up only after `rise` successes and a whole warm-up without a failure', () => {
    fc.assert(
      fc.property(lives, (all) => {
        const seen = new Map<string, { since: number | null; count: number }>();
        const simulated = new SimulatedFleet({
          servers: all.map((_, index) => ({ name: NAMES[index] ?? '?' })),
          behaviour: (server, nowMs) => {
            const behaviour = behaviourAt(all[NAMES.indexOf(server as 'a')] ?? [], nowMs);
            const row = seen.get(server) ?? { since: null, count: 0 };
            if (behaviour === 'up') seen.set(server, { since: row.since ?? nowMs, count: row.count + 1 });
            else if (behaviour !== 'ownFailure') seen.set(server, { since: null, count: 0 });
            return behaviour;
          },
        });
        for (let nowMs = 0; nowMs <= END_MS; nowMs += 500) {
          const known = simulated.transitions.length;
          simulated.run(nowMs);
          for (const { server, from, to } of simulated.transitions.slice(known)) {
            if (to !== 'up' || from === 'unknown') continue;
            const row = seen.get(server);
            expect(row?.count).toBeGreaterThanOrEqual(simulated.settings.rise);
            expect(nowMs - (row?.since ?? nowMs)).toBeGreaterThanOrEqual(simulated.settings.warmUpMs);
          }
        }
      }),
      RUNS,
    );
  });

  it('its availability changes at most once per warm-up, and its state at most twice', () => {
    fc.assert(
      fc.property(lives, (all) => {
        const simulated = simulate(all);
        for (const server of NAMES) {
          const flips = flipsOf(simulated, server);
          // Up to down takes moments, and only then; back up takes a warm-up.
          for (const [index, atMs] of flips.entries()) {
            const two = flips[index + 2];
            if (two !== undefined) expect(two - atMs).toBeGreaterThanOrEqual(simulated.settings.warmUpMs);
          }
        }
      }),
      RUNS,
    );
  });

  it('a decision does not depend on what the wall clock says, and the same life ends in the same way', () => {
    fc.assert(
      fc.property(lives, (all) => {
        expect(simulate(all).transitions).toEqual(simulate(all).transitions);
      }),
      { numRuns: 30 },
    );
  });

  it('states last as long as their transitions say', () => {
    fc.assert(
      fc.property(lives, (all) => {
        const simulated = simulate(all);
        for (const server of NAMES) {
          let sinceMs = 0;
          for (const { atMs, lastedMs } of simulated.transitions.filter((one) => one.server === server)) {
            expect(lastedMs).toBe(atMs - sinceMs);
            sinceMs = atMs;
          }
        }
      }),
      RUNS,
    );
  });

  it('isolations begin and end in turn', () => {
    fc.assert(
      fc.property(lives, (all) => {
        const { isolations } = simulate(all);
        expect(isolations.map(({ isIsolated }) => isIsolated)).toEqual(isolations.map((_, index) => index % 2 === 0));
      }),
      RUNS,
    );
  });
});

it('a server that answers every probe is never down, whatever the others do', () => {
  fc.assert(
    fc.property(fc.array(life(...ANY), { minLength: 1, maxLength: 3 }), (others) => {
      const simulated = simulate([[{ lengthMs: 1, behaviour: 'up' }], ...others]);
      expect(simulated.changesOf('a')).toEqual(['unknown>warming', 'warming>up']);
    }),
    RUNS,
  );
});

it('one that fails for less than `fall` probes in a row keeps its state', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 20_000, max: 60_000 }), { maxLength: 5 }), (gaps) => {
      const blip = { lengthMs: 700, behaviour: 'refusing' } as const;
      const simulated = simulate([
        gaps
          .flatMap((lengthMs): Phase[] => [{ lengthMs, behaviour: 'up' }, blip])
          .concat({ lengthMs: 1, behaviour: 'up' }),
        [{ lengthMs: 1, behaviour: 'up' }],
      ]);
      expect(simulated.changesOf('a')).toEqual(['unknown>warming', 'warming>up']);
    }),
    RUNS,
  );
});

it('a minority of lying witnesses never decides, and a majority always does in time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 10 }), (more, liars) => {
      fc.pre(liars < more);
      const dead = [
        { lengthMs: 60_000, behaviour: 'up' },
        { lengthMs: 1, behaviour: 'silent' },
      ] as const;
      const alive = [{ lengthMs: 1, behaviour: 'up' }] as const;
      const believed = simulate([dead, alive], { witnesses: () => ({ reached: more, unreached: liars }) });
      expect(believed.state('a')).toBe('up');
      const lost = simulate([dead, alive], { witnesses: () => ({ reached: liars, unreached: more }) });
      expect(lost.transitions.find(({ to }) => to === 'down')?.atMs).toBeLessThan(60_000 + 5500);
    }),
    { numRuns: 40 },
  );
});

it('a dead server is down in time as long as anybody else answers, whenever it died', () => {
  const death = fc.record({
    atMs: fc.integer({ min: 15_000, max: 60_000 }),
    how: fc.constantFrom('refusing', 'silent'),
  });
  fc.assert(
    fc.property(death, life('up', 'refusing'), ({ atMs, how }, other) => {
      const simulated = simulate([
        [
          { lengthMs: atMs, behaviour: 'up' },
          { lengthMs: 1, behaviour: how },
        ],
        other,
      ]);
      const down = simulated.transitions.find(({ server, to }) => server === 'a' && to === 'down');
      expect((down?.atMs ?? Infinity) - atMs).toBeLessThan(how === 'silent' ? 5600 : 2900);
    }),
    RUNS,
  );
});

it('a cut of everybody changes no availability, however long it lasts and whatever came before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20_000, max: 60_000 }), fc.integer({ min: 1, max: 90_000 }), (fromMs, lengthMs) => {
      const simulated = new SimulatedFleet({
        servers: NAMES.map((name) => ({ name })),
        behaviour: (_, nowMs) => (nowMs >= fromMs && nowMs < fromMs + lengthMs ? 'silent' : 'up'),
      });
      simulated.run(END_MS);
      for (const server of NAMES) {
        expect(flipsOf(simulated, server)).toHaveLength(1);
        expect(simulated.state(server)).toBe('up');
      }
    }),
    RUNS,
  );
});
