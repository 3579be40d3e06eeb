import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  SERVER_STATES,
  type HealthTransition,
  type ServerState,
} from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Uptime } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { incidentOf } from '#store/history/testing/history-entries.ts';
import { MemoryHistory } from '../testing/memory-history.ts';
import { recordedLogger, TwoClocks, type LogLine } from '../testing/two-clocks.ts';
import { SETTLED_MS } from './history-clock.ts';
import { HistoryRecorder } from './history-recorder.ts';

const NOON = Date.UTC(2026, 2, 9, 12);
const HOUR = 3_600_000;

let store: MemoryHistory;
let clocks: TwoClocks;
let lines: LogLine[];
let recorder: HistoryRecorder;

async function restart(): Promise<void> {
  const log = recordedLogger();
  lines = log.lines;
  recorder = new HistoryRecorder({ store, now: clocks.now, monotonic: clocks.monotonic, logger: log.logger });
  await recorder.start();
}

function transition(to: ServerState, parts: Partial<HealthTransition> = {}): HealthTransition {
  return { server: 's1', from: 'unknown', to, at: clocks.now(), lastedMs: 0, cause: null, isConfirmed: true, ...parts };
}

function uptime(from: number, to: number, server = 's1'): Promise<Uptime> {
  return recorder.read(server, { from, to, points: 10 }).then((answer) => answer.uptime);
}

/** Time passes for the monitor, its timers and both clocks. */
async function live(durationMs: number, stepMs = 1000): Promise<void> {
  for (let left = durationMs; left > 0; left -= stepMs) {
    clocks.pass(Math.min(stepMs, left));
    await vi.advanceTimersByTimeAsync(Math.min(stepMs, left));
  }
}

beforeEach(async () => {
  vi.useFakeTimers();
  store = new MemoryHistory();
  clocks = new TwoClocks(NOON);
  await restart();
});

afterEach(async () => {
  store.mode = 'works';
  await recorder.stop();
  store.close();
  vi.useRealTimers();
});

describe('a recorder of history', () => {
  it('answers with everything up to now, whatever was written already', async () => {
    recorder.changed(transition('up'));
    clocks.pass(1500);
    recorder.observer('s1')({ kind: 'success', latencyMs: 2 }, clocks.now());
    recorder.observer('s1')({ kind: 'silence', cause: { code: 'PEER_TIMEOUT', message: 'nothing' } }, clocks.now());
    recorder.observer('s1')({ kind: 'ownFailure', cause: { code: 'INTERNAL', message: 'no socket' } }, clocks.now());
    const cause = { code: 'PEER_TIMEOUT' as const, message: 'no answer' };
    recorder.changed(transition('down', { from: 'up', lastedMs: 1499.6, cause, isConfirmed: false }));
    clocks.pass(500);
    const answer = await recorder.read('s1', { from: NOON, to: NOON + 4000, points: 1 });
    expect(answer).toMatchObject({
      uptime: { upMs: 1500, downMs: 500, unknownMs: 2000, ratio: 0.75 },
      latency: [{ count: 2, failures: 1, p50Ms: 2 }],
    });
    expect(answer.transitions.at(-1)).toEqual({
      ...{ at: NOON + 1500, from: 'up', to: 'down', lastedMs: 1500, cause, isConfirmed: false },
    });
  });

  it('writes every two seconds, so that a monitor that is killed loses no more than that', async () => {
    recorder.changed(transition('up'));
    await live(7000);
    // Killed: nothing more comes of it, and the next one starts a minute later.
    vi.clearAllTimers();
    clocks.pass(60_000);
    await restart();
    expect(await uptime(NOON, NOON + 67_000)).toMatchObject({ upMs: 6000, unknownMs: 61_000 });
  });

  it('keeps what is new in memory while the store fails, says so once, and writes it later', async () => {
    store.mode = 'fails';
    recorder.changed(transition('up'));
    await live(60_000);
    recorder.changed(transition('down', { from: 'up' }));
    await live(60_000);
    expect(lines.filter(({ event }) => event === 'history.failing')).toMatchObject([
      { level: 'error', fields: { code: 'HISTORY_UNAVAILABLE' } },
    ]);
    await expect(recorder.read('s1', { from: 0, to: 1, points: 1 })).rejects.toMatchObject({
      code: 'HISTORY_UNAVAILABLE',
    });
    store.mode = 'works';
    await live(2000);
    expect(lines.at(-1)).toMatchObject({ event: 'history.works' });
    expect(await uptime(NOON, NOON + 120_000)).toMatchObject({ upMs: 60_000, downMs: 60_000 });
  });

  it('never waits for a store that hangs, also not when it stops', async () => {
    store.mode = 'hangs';
    await live(4000);
    recorder.changed(transition('up'));
    await live(60_000);
    expect(store.writes).toBe(1);
    const stopping = recorder.stop();
    await live(5000);
    await stopping;
    expect(lines.at(-1)).toMatchObject({ event: 'history.cutShort' });
  });

  it('tells how many transitions are lost when a disk is stuck for too long, and has a gap there', async () => {
    store.mode = 'fails';
    for (let count = 0; count < 60_000; count += 1) recorder.changed(transition(count % 2 === 0 ? 'up' : 'down'));
    await live(2000);
    expect(lines.find(({ event }) => event === 'history.lost')?.fields).toMatchObject({ changes: 49_999 + 1 });
    store.mode = 'works';
    await live(2000);
    expect(await uptime(NOON, NOON + 4000)).toMatchObject({ downMs: 4000 });
  });

  it('loses old latencies before anything else, and counts them', async () => {
    store.mode = 'fails';
    for (let minute = 0; minute < 20_050; minute += 1) {
      recorder.observer('s1')({ kind: 'success', latencyMs: 1 }, NOON + minute * 60_000);
    }
    store.mode = 'works';
    await live(2000);
    expect(lines.find(({ event }) => event === 'history.lost')?.fields).toMatchObject({ changes: 0, minutes: 49 });
  });

  it('keeps incidents, also when the store failed meanwhile', async () => {
    store.mode = 'fails';
    await recorder.keepIncident(incidentOf({ id: 'a' }));
    await recorder.keepIncident(incidentOf({ id: 'a', closedAt: NOON }));
    await expect(recorder.incidents(0, 10)).rejects.toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
    store.mode = 'works';
    await live(2000);
    expect(await recorder.incidents(0, 10)).toEqual([incidentOf({ id: 'a', closedAt: NOON })]);
  });
});

describe('a wall clock that jumps', () => {
  it('leaves the hour unknown that it skipped, and no state lasts longer for it', async () => {
    recorder.changed(transition('up'));
    clocks.pass(10_000);
    clocks.jump(HOUR);
    clocks.pass(5000);
    expect(await uptime(NOON, NOON + HOUR + 15_000)).toMatchObject({ upMs: 15_000, unknownMs: HOUR });
    expect(lines).toMatchObject([{ event: 'history.clockJumped', fields: { kind: 'forward' } }]);
    // The state goes on without a transition.
    clocks.pass(1000);
    const { transitions } = await recorder.read('s1', { from: NOON, to: NOON + 2 * HOUR, points: 1 });
    expect(transitions).toHaveLength(1);
  });

  it('lives the hour again that it went back', async () => {
    recorder.changed(transition('up'));
    clocks.pass(2 * HOUR);
    expect(await uptime(NOON, NOON + 2 * HOUR)).toMatchObject({ upMs: 2 * HOUR });
    clocks.jump(-HOUR);
    recorder.changed(transition('down', { from: 'up' }));
    clocks.pass(HOUR / 2);
    expect(await uptime(NOON, NOON + 2 * HOUR)).toMatchObject({ upMs: HOUR, downMs: HOUR / 2, unknownMs: HOUR / 2 });
  });

  it('is followed without a gap while it is only corrected a little', async () => {
    recorder.changed(transition('up'));
    for (let count = 0; count < 100; count += 1) {
      clocks.pass(2000);
      clocks.jump(count % 2 === 0 ? 20 : -21);
      recorder.observer('s1')({ kind: 'success', latencyMs: 1 }, clocks.now());
      await vi.advanceTimersByTimeAsync(2000);
    }
    const elapsed = clocks.now() - NOON;
    expect(await uptime(NOON, clocks.now())).toMatchObject({ upMs: elapsed, unknownMs: 0 });
    expect(lines).toEqual([]);
  });

  it('deletes nothing when it wakes in the year 1970, until it is set', async () => {
    recorder.changed(transition('up'));
    await live(10_000);
    await recorder.stop();
    const end = clocks.now();
    clocks.jump(-end + 5000);
    await restart();
    recorder.changed(transition('down'));
    await live(60_000, 2000);
    expect(lines).toMatchObject([{ event: 'history.clockBehind' }]);
    clocks.jump(end + HOUR - clocks.now());
    await live(4000);
    expect(await uptime(NOON, NOON + 10_000)).toMatchObject({ upMs: 10_000 });
    // The two seconds in which the clock was set belong to its old time.
    expect(await uptime(end, end + HOUR + 4000)).toMatchObject({ downMs: 2000, unknownMs: HOUR + 2000 });
  });

  it('is believed when it was a year ahead before and has been steady since', async () => {
    const year = 365 * 24 * HOUR;
    await recorder.stop();
    clocks.jump(year);
    await restart();
    recorder.changed(transition('up'));
    await live(4000);
    await recorder.stop();
    clocks.jump(-year);
    await restart();
    recorder.changed(transition('up'));
    await live(SETTLED_MS + 10_000, 2000);
    const now = clocks.now();
    expect((await uptime(now - 4000, now)).upMs).toBe(4000);
  });

  it('changes no sum, whatever else happens', async () => {
    const step = fc.record({
      kind: fc.constantFrom('pass', 'pass', 'change', 'jump', 'restart'),
      state: fc.constantFrom(...SERVER_STATES),
      // Less than that is drift.
      ms: fc.integer({ min: -5 * HOUR, max: 5 * HOUR }).filter((ms) => Math.abs(ms) > 100),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        store = new MemoryHistory();
        clocks = new TwoClocks(NOON);
        await restart();
        /** The states that were lived through, by the wall clock of their time. */
        let lived: { from: number; to: number; state: ServerState }[] = [];
        let state: ServerState = 'unknown';
        for (const { kind, state: next, ms } of steps) {
          if (kind === 'pass') {
            lived.push({ from: clocks.now(), to: clocks.now() + Math.abs(ms), state });
            clocks.pass(Math.abs(ms));
          }
          if (kind === 'change') {
            recorder.changed(transition(next));
            state = next;
          }
          if (kind === 'restart') {
            await recorder.stop();
            await restart();
            state = 'unknown';
          }
          if (kind === 'jump') {
            // Looked at before and after, so that it is known which part of the time was lived before the jump.
            await uptime(0, 1);
            clocks.jump(ms);
            const now = clocks.now();
            await uptime(0, 1);
            lived = lived.flatMap((span) => (span.from >= now ? [] : [{ ...span, to: Math.min(span.to, now) }]));
          }
        }
        for (const [from, to] of [
          [NOON - 40 * HOUR, NOON + 200 * HOUR],
          [NOON + 1234, NOON + 5 * HOUR],
        ] as const) {
          const told = await uptime(from, to);
          expect(told.upMs + told.downMs + told.warmingMs + told.maintenanceMs + told.unknownMs).toBe(to - from);
          const within = (wanted: ServerState): number =>
            lived
              .filter((span) => span.state === wanted)
              .reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);
          expect(told).toMatchObject({
            upMs: within('up'),
            downMs: within('down'),
            warmingMs: within('warming'),
            maintenanceMs: within('maintenance'),
          });
        }
        await recorder.stop();
        store.close();
      }),
      { numRuns: 100 },
    );
  });
});
