import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline, Deadlines } from './deadlines.ts';

/** Deadlines end in steps of this, so that they can share a timer. */
const GRAIN_MS = 20;

class Noted extends Deadline {
  readonly ends: string[] = [];
  readonly #onEnd: () => void;

  constructor(onEnd: () => void = () => undefined) {
    super();
    this.#onEnd = onEnd;
  }

  override expire(isStopping: boolean): void {
    this.ends.push(isStopping ? 'stopped' : 'expired');
    this.#onEnd();
  }
}

function deadlinesOnClock() {
  const clock = { stalledMs: 0 };
  return { clock, deadlines: new Deadlines(() => performance.now() + clock.stalledMs) };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('deadlines', () => {
  it('end at their time, each once, in whatever order they were set', () => {
    const { deadlines } = deadlinesOnClock();
    const delaysMs = [1000, 200, 600, 200];
    const all = delaysMs.map((inMs) => {
      const noted = new Noted();
      deadlines.add(noted, inMs);
      return noted;
    });
    vi.advanceTimersByTime(199);
    expect(all.map(({ ends }) => ends.length)).toEqual([0, 0, 0, 0]);
    vi.advanceTimersByTime(1 + GRAIN_MS);
    expect(all.map(({ ends }) => ends.length)).toEqual([0, 1, 0, 1]);
    vi.advanceTimersByTime(400);
    expect(all.map(({ ends }) => ends.length)).toEqual([0, 1, 1, 1]);
    vi.advanceTimersByTime(10_000);
    expect(all.map(({ ends }) => ends)).toEqual(Array.from({ length: 4 }, () => ['expired']));
  });

  it('that were taken back never end, however often', () => {
    const { deadlines } = deadlinesOnClock();
    const [first, second] = [new Noted(), new Noted()];
    deadlines.add(first, 100);
    deadlines.add(second, 100);
    deadlines.remove(first);
    deadlines.remove(first);
    vi.advanceTimersByTime(1000);
    expect([first.ends, second.ends]).toEqual([[], ['expired']]);
    deadlines.remove(second);
    deadlines.add(second, 100);
    vi.advanceTimersByTime(1000);
    expect(second.ends).toHaveLength(2);
  });

  it('may take others with them, and set new ones', () => {
    const { deadlines } = deadlinesOnClock();
    const [victim, successor] = [new Noted(), new Noted()];
    const first = new Noted(() => {
      deadlines.remove(victim);
      deadlines.add(successor, 50);
    });
    deadlines.add(first, 100);
    deadlines.add(victim, 100);
    vi.advanceTimersByTime(1000);
    expect([first.ends, victim.ends, successor.ends]).toEqual([['expired'], [], ['expired']]);
  });

  it('all end when whoever keeps them stops', () => {
    const { deadlines } = deadlinesOnClock();
    const all = [new Noted(), new Noted()];
    for (const noted of all) deadlines.add(noted, 60_000);
    deadlines.stop();
    expect(all.map(({ ends }) => ends)).toEqual([['stopped'], ['stopped']]);
    vi.advanceTimersByTime(100_000);
    expect(all.map(({ ends }) => ends.length)).toEqual([1, 1]);
  });
});

describe('a process that stood still', () => {
  it('reads what has arrived before it says that nothing has', () => {
    const { deadlines } = deadlinesOnClock();
    const noted = new Noted();
    deadlines.add(noted, 100);
    // Sockets are polled after timers and before immediates. This timer stands for them: it is set later, for the same time.
    setTimeout(() => deadlines.remove(noted), 100);
    vi.advanceTimersByTime(1000);
    expect(noted.ends).toEqual([]);
  });

  it('gives each back no more than its own time, and ends them in the order that comes of it', () => {
    const { deadlines, clock } = deadlinesOnClock();
    const ended: string[] = [];
    const add = (name: string, inMs: number): void => deadlines.add(new Noted(() => ended.push(name)), inMs);
    add('long', 1000);
    add('far', 60_000);
    vi.advanceTimersByTime(900);
    add('short', 200);
    clock.stalledMs += 3000;
    vi.advanceTimersByTime(100);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(200 + GRAIN_MS);
    expect(ended).toEqual(['short']);
    vi.advanceTimersByTime(800 + GRAIN_MS);
    expect(ended).toEqual(['short', 'long']);
    vi.advanceTimersByTime(60_000);
    expect(ended).toEqual(['short', 'long', 'far']);
  });

  it('gives the time back, once', () => {
    const { deadlines, clock } = deadlinesOnClock();
    const noted = new Noted();
    deadlines.add(noted, 1000);
    vi.advanceTimersByTime(500);
    clock.stalledMs += 3000;
    vi.advanceTimersByTime(500);
    expect(noted.ends).toEqual([]);
    vi.advanceTimersByTime(900);
    expect(noted.ends).toEqual([]);
    clock.stalledMs += 3000;
    vi.advanceTimersByTime(100 + GRAIN_MS);
    expect(noted.ends).toEqual(['expired']);
  });
});
