import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SERVER_STATES, type ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Uptime } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { HistoryEngine } from './history-engine.ts';
import type { HistoryEntry } from './history-store.ts';
import { DAY_MS, HOUR_MS } from './latency-levels.ts';
import { historyEngine, historyInMemory } from './testing/history-builders.ts';
import { batchOf, changeTo, runAt, until } from './testing/history-entries.ts';

/** A Monday at noon. */
const NOON = Date.UTC(2026, 2, 9, 12);

function uptimeOf(engine: HistoryEngine, from: number, to: number): Uptime {
  return engine.read({ server: 's1', from, to, points: 1 }).uptime;
}

function sum({ upMs, downMs, warmingMs, maintenanceMs, unknownMs }: Uptime): number {
  return upMs + downMs + warmingMs + maintenanceMs + unknownMs;
}

/** The same by the simplest means: one state for every step of time. */
class Reference {
  readonly #states = new Map<number, ServerState>();
  #runState: ServerState = 'unknown';
  #at = 0;

  enter(entry: HistoryEntry): void {
    if (entry.kind === 'run') {
      for (const at of this.#states.keys()) if (at >= entry.at) this.#states.delete(at);
      this.#runState = 'unknown';
      this.#at = entry.at;
      return;
    }
    for (; this.#at < entry.at; this.#at += 1) this.#states.set(this.#at, this.#runState);
    if (entry.kind === 'change') this.#runState = entry.state;
  }

  count(state: ServerState, from: number, to: number): number {
    let count = 0;
    for (let at = from; at < to; at += 1) if ((this.#states.get(at) ?? 'unknown') === state) count += 1;
    return count;
  }
}

describe('uptime', () => {
  it('counts what was, and calls unknown what nobody saw', async () => {
    const { engine } = await historyEngine();
    const entries = [
      ...[runAt(1000), changeTo('up', 1100), changeTo('down', 1500), changeTo('warming', 1600), changeTo('up', 1700)],
      ...[until(2000), runAt(3000), changeTo('maintenance', 3100), until(3300)],
    ];
    expect(engine.write(batchOf({ entries }))).toBe('recorded');
    expect(uptimeOf(engine, 0, 4000)).toEqual({
      ...{ upMs: 400 + 300, downMs: 100, warmingMs: 100, maintenanceMs: 200 },
      // Before the first run, its first look, between the runs, the second one's first look, and after it.
      unknownMs: 1000 + 100 + 1000 + 100 + 700,
      ratio: 700 / 900,
    });
    expect(uptimeOf(engine, 1550, 1650)).toMatchObject({ downMs: 50, warmingMs: 50, unknownMs: 0, ratio: 0 });
  });

  it('has no ratio where nothing is known, and of a server that was never watched', async () => {
    const { engine } = await historyEngine();
    engine.write(batchOf({ entries: [runAt(1000), changeTo('maintenance', 1000), until(2000)] }));
    expect(uptimeOf(engine, 1000, 2000)).toMatchObject({ maintenanceMs: 1000, unknownMs: 0, ratio: null });
    const { uptime } = engine.read({ server: 'stranger', from: 5, to: 105, points: 1 });
    expect(uptime).toMatchObject({ unknownMs: 100, ratio: null });
  });

  it('forgets what was recorded for a time that is lived through again', async () => {
    const { engine } = await historyEngine();
    engine.write(batchOf({ entries: [runAt(1000), changeTo('up', 1000), until(5000)] }));
    engine.write(batchOf({ entries: [runAt(3000), changeTo('down', 3000), until(4000)] }));
    expect(uptimeOf(engine, 1000, 6000)).toMatchObject({ upMs: 2000, downMs: 1000, unknownMs: 2000 });
  });

  it('adds up and is right for every order of changes, restarts and jumps, whatever range is asked for', () => {
    const step = fc.record({
      kind: fc.constantFrom('change', 'change', 'until', 'forward', 'back', 'restart'),
      state: fc.constantFrom(...SERVER_STATES),
      by: fc.integer({ min: 0, max: 300 }),
    });
    const range = fc.tuple(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 1, max: 4000 }));
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 25 }),
        fc.array(range, { minLength: 1, maxLength: 5 }),
        (steps, ranges) => {
          const { engine, database } = historyInMemory();
          const reference = new Reference();
          let at = 500;
          const entries: HistoryEntry[] = [runAt(at)];
          for (const { kind, state, by } of steps) {
            if (kind === 'back') at = Math.max(0, at - by);
            else if (kind !== 'restart') at += by;
            if (kind === 'change') entries.push(changeTo(state, at));
            else if (kind === 'until') entries.push(until(at));
            else entries.push(runAt(at));
          }
          for (const entry of entries) {
            reference.enter(entry);
            engine.write(batchOf({ entries: [entry] }));
          }
          // What came after the last sign of life is not known.
          const end = Number(database.prepare('SELECT max(to_at) AS at FROM run').get()?.['at']);
          for (const [from, length] of ranges) {
            const to = from + length;
            const uptime = uptimeOf(engine, from, to);
            expect(sum(uptime)).toBe(length);
            const within = Math.min(to, end);
            expect(uptime).toMatchObject({
              upMs: reference.count('up', from, within),
              downMs: reference.count('down', from, within),
              warmingMs: reference.count('warming', from, within),
              maintenanceMs: reference.count('maintenance', from, within),
            });
          }
          database.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('uptime of what was rolled up', () => {
  /** Two days of changes every few minutes, from a week before noon on, written hour by hour as a monitor does. */
  function live(engine: HistoryEngine, minutes: readonly number[]): void {
    let at = NOON - 7 * DAY_MS;
    engine.write(batchOf({ entries: [runAt(at)] }));
    for (const [index, pause] of minutes.entries()) {
      at += pause * 60_000 + 7;
      const state = SERVER_STATES[(index * 7 + pause) % SERVER_STATES.length] ?? 'up';
      engine.write(batchOf({ entries: [changeTo(state, at), until(at)] }));
      if (pause % 41 === 0) engine.write(batchOf({ entries: [until(at + 1000), runAt(at + 90_000)] }));
      if (pause % 41 === 0) at += 90_000;
    }
    engine.write(batchOf({ entries: [until(NOON - 3600)] }));
  }

  it('equals that of the single changes, for whole hours and for whole days', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 10, maxLength: 120 }), (minutes) => {
        const { engine, database } = historyInMemory();
        live(engine, minutes);
        const hour = NOON - 6 * DAY_MS - 5 * HOUR_MS;
        const day = Math.floor(NOON / DAY_MS) * DAY_MS - 7 * DAY_MS;
        const ranges = [
          [hour, hour + 3 * HOUR_MS],
          [hour, NOON],
          [day, day + 3 * DAY_MS],
          [day, NOON - 100],
        ] as const;
        const before = ranges.map(([from, to]) => uptimeOf(engine, from, to));
        // Everything that is rolled up loses its single changes.
        database.exec(
          "DELETE FROM change WHERE at < (SELECT value FROM meta WHERE name = 'rolled_until') AND id NOT IN (SELECT max(id) FROM change WHERE at < (SELECT value FROM meta WHERE name = 'rolled_until'))",
        );
        database.exec(
          "UPDATE meta SET value = (SELECT value FROM meta WHERE name = 'rolled_until') WHERE name = 'runs_from'",
        );
        expect(ranges.map(([from, to]) => uptimeOf(engine, from, to))).toEqual(before);
        // And then the hours, which leaves the days.
        database.prepare("UPDATE meta SET value = ? WHERE name = 'hours_from'").run(day + 2 * DAY_MS);
        database.prepare('DELETE FROM uptime WHERE level = ? AND at < ?').run(HOUR_MS, day + 2 * DAY_MS);
        expect(uptimeOf(engine, day, day + 3 * DAY_MS)).toEqual(before[2]);
        const part = uptimeOf(engine, day + 1234, day + HOUR_MS + 777);
        expect(sum(part)).toBe(HOUR_MS + 777 - 1234);
        expect(part.unknownMs).toBeGreaterThanOrEqual(0);
        database.close();
      }),
      { numRuns: 15 },
    );
  });

  it('is right after a step back into an hour that was rolled up', async () => {
    const { engine } = await historyEngine();
    engine.write(batchOf({ entries: [runAt(NOON), changeTo('up', NOON), until(NOON + 2 * HOUR_MS + 1000)] }));
    const back = NOON + HOUR_MS / 2;
    engine.write(batchOf({ entries: [runAt(back), changeTo('down', back), until(NOON + 3 * HOUR_MS)] }));
    expect(uptimeOf(engine, NOON, NOON + 3 * HOUR_MS)).toMatchObject({
      upMs: HOUR_MS / 2,
      downMs: 2.5 * HOUR_MS,
      unknownMs: 0,
    });
  });

  it('keeps the file small when a server flaps for weeks, and still knows how long it was up', async () => {
    const { engine, database } = await historyEngine();
    let at = NOON;
    engine.write(batchOf({ entries: [runAt(at)] }));
    for (let hour = 0; hour < 40; hour += 1) {
      const entries: HistoryEntry[] = [];
      for (let flap = 0; flap < 150; flap += 1, at += 24_000)
        entries.push(changeTo('up', at), changeTo('down', at + 6000));
      engine.write(batchOf({ entries: [...entries, until(at)], pruneAt: at }));
    }
    expect(Number(database.prepare('SELECT count(*) AS rows FROM change').get()?.['rows'])).toBeLessThan(4096 + 300);
    expect(uptimeOf(engine, NOON, at)).toEqual({
      ...{ upMs: 10 * HOUR_MS, downMs: 30 * HOUR_MS, warmingMs: 0, maintenanceMs: 0, unknownMs: 0, ratio: 0.25 },
    });
    expect(engine.read({ server: 's1', from: 0, to: at, points: 1 }).transitions).toHaveLength(1000);
  });

  it('forgets the runs of a monitor that starts again and again, and keeps what it saw', async () => {
    const { engine, database } = await historyEngine();
    let at = NOON;
    for (let hour = 0; hour < 10; hour += 1) {
      const entries: HistoryEntry[] = [];
      for (let start = 0; start < 900; at += 4000, start += 1) {
        entries.push(runAt(at), changeTo('up', at + 1000), until(at + 3000));
      }
      engine.write(batchOf({ entries, pruneAt: at }));
    }
    expect(Number(database.prepare('SELECT count(*) AS rows FROM run').get()?.['rows'])).toBeLessThan(4096 + 900);
    expect(uptimeOf(engine, NOON, at)).toMatchObject({ upMs: 9000 * 2000, unknownMs: 9000 * 2000 });
  });
});
