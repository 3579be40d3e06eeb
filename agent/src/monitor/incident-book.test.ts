import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { HealthTransition, ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { HistoryRecorder } from './history/history-recorder.ts';
import { IncidentBook, type IncidentNotice } from './incident-book.ts';
import { GATHER_MS } from '@imagefleet/shared/common/health/incident-rules.ts';
import { MemoryHistory } from './testing/memory-history.ts';
import { recordedLogger, TwoClocks } from './testing/two-clocks.ts';

let store: MemoryHistory;
let clocks: TwoClocks;
let recorder: HistoryRecorder;
let book: IncidentBook;
let notices: IncidentNotice[];
let ids = 0;

/** A monitor starts: a new book over the same history. */
async function start(): Promise<void> {
  const { logger } = recordedLogger();
  recorder = new HistoryRecorder({ store, now: clocks.now, monotonic: clocks.monotonic, logger });
  await recorder.start();
  book = new IncidentBook({
    ...{
      log: recorder,
      watched: () => ['s1', 's2'],
      isOwn: (server: string) => server === 's1',
      now: clocks.now,
      monotonic: clocks.monotonic,
    },
    newId: () => `i${String((ids += 1))}`,
    logger,
    onNotice: (notice) => notices.push(notice),
    onChanged: () => undefined,
  });
  const started = book.start();
  await live(3000);
  await started;
}

async function live(durationMs: number): Promise<void> {
  clocks.pass(durationMs);
  await vi.advanceTimersByTimeAsync(durationMs);
}

function changed(server: string, to: ServerState): void {
  const cause = to === 'down' ? { code: 'PEER_TIMEOUT' as const, message: 'no answer' } : null;
  const transition: HealthTransition = {
    server,
    from: 'up',
    to,
    at: clocks.now(),
    lastedMs: 1,
    cause,
    isConfirmed: true,
  };
  book.changed(transition);
}

beforeEach(async () => {
  vi.useFakeTimers();
  store = new MemoryHistory();
  clocks = new TwoClocks(Date.UTC(2026, 2, 9));
  notices = [];
  await start();
});

afterEach(async () => {
  store.mode = 'works';
  const stopped = Promise.all([book.stop(), recorder.stop()]);
  await vi.advanceTimersByTimeAsync(10_000);
  await stopped;
  vi.useRealTimers();
  store.close();
});

it('tells an incident when it is written down, and its end', async () => {
  changed('s1', 'down');
  changed('s2', 'down');
  expect(book.open()).toMatchObject([{ servers: ['s1', 's2'], closedAt: null }]);
  await live(GATHER_MS);
  expect(notices).toMatchObject([{ what: 'incident', incident: { servers: ['s1', 's2'], missing: ['s1', 's2'] } }]);
  expect(await recorder.incidents(0, 10)).toMatchObject([{ isAnnounced: true }]);
  changed('s1', 'up');
  changed('s2', 'up');
  await live(1000);
  expect(notices.slice(1)).toMatchObject([{ what: 'recovery', incident: { missing: [] } }]);
  expect(book.open()).toEqual([]);
});

it('loses none and repeats none when the monitor is killed at any moment', async () => {
  const moments: (() => Promise<void>)[] = [
    async () => changed('s1', 'down'),
    () => live(500),
    () => live(GATHER_MS),
    async () => changed('s1', 'up'),
    () => live(500),
    () => live(10_000),
  ];
  for (const killedAfter of moments.keys()) {
    notices = [];
    store.close();
    store = new MemoryHistory();
    vi.clearAllTimers();
    await start();
    for (const [index, moment] of moments.entries()) {
      await moment();
      if (index !== killedAfter) continue;
      // The batch that is on its way arrives, and nothing else: with these writes the disk has what the process lost.
      await vi.advanceTimersByTimeAsync(300);
      vi.clearAllTimers();
      await start();
    }
    changed('s1', 'up');
    await live(10_000);
    const told = notices.map(({ what }) => what);
    expect(told.length, `killed after moment ${String(killedAfter)}`).toBeLessThanOrEqual(2);
    expect(told).toEqual(['incident', 'recovery'].slice(0, told.length));
    expect(book.open()).toEqual([]);
  }
});

it.each(['fails', 'hangs'] as const)('tells people also while the history %s', async (mode) => {
  store.mode = mode;
  changed('s2', 'down');
  await live(GATHER_MS + 2000);
  expect(notices).toMatchObject([{ what: 'incident' }]);
  changed('s2', 'up');
  await live(2000);
  expect(notices.map(({ what }) => what)).toEqual(['incident', 'recovery']);
});

it('starts without a history that fails, and forgets nothing that happens meanwhile', async () => {
  store.mode = 'hangs';
  vi.clearAllTimers();
  book = new IncidentBook({
    ...{ log: recorder, watched: () => ['s1'], isOwn: () => false, now: clocks.now, monotonic: clocks.monotonic },
    ...{ newId: () => 'early', logger: recordedLogger().logger, onChanged: () => undefined },
    onNotice: (notice) => notices.push(notice),
  });
  const started = book.start();
  changed('s1', 'down');
  await live(3000);
  await started;
  await live(GATHER_MS + 2000);
  expect(notices).toMatchObject([{ incident: { id: 'early' } }]);
});
