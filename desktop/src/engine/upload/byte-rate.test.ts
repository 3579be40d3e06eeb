import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '#engine/testing/virtual-clock.ts';
import { ByteRate } from './byte-rate.ts';

describe('the byte rate', () => {
  let clock: VirtualClock;
  let rate: ByteRate;
  let stop: AbortController;
  let flowed: number[];
  beforeEach(() => {
    clock = new VirtualClock();
    rate = new ByteRate(clock);
    stop = new AbortController();
    flowed = [];
  });

  /** A file without end that goes out as the rate lets it. */
  async function flow(place: number): Promise<void> {
    flowed[place] = 0;
    for (;;) {
      // As a disk does, this lets the others have their turn.
      const bytes = await rate.take(64 * 1024, stop.signal);
      flowed[place] = (flowed[place] ?? 0) + bytes;
    }
  }
  function flows(count: number): void {
    for (let place = 0; place < count; place += 1) flow(place).catch(() => undefined);
  }
  const sum = (): number => flowed.reduce((all, bytes) => all + bytes, 0);

  it('gives everything at once without a limit', async () => {
    expect(await rate.take(10_000_000, stop.signal)).toBe(10_000_000);
    expect(clock.timers).toBe(0);
  });

  it.each([1, 100, 1000, 100_000, 10_000_000])(
    'lets %i bytes a second out, and no burst after a silence',
    async (limit) => {
      rate.limit = limit;
      await clock.pass(3_600_000);
      flows(1);
      await clock.pass(10_000);
      const burst = Math.max(1, limit / 4);
      expect(sum()).toBeGreaterThan(limit * 9);
      expect(sum()).toBeLessThanOrEqual(limit * 10 + burst);
      stop.abort();
    },
  );

  it('shares the rate evenly among all that go out at once', async () => {
    rate.limit = 80_000;
    flows(8);
    await clock.pass(20_000);
    for (const bytes of flowed) expect(bytes / (sum() / 8)).toBeCloseTo(1, 1);
    expect(sum() / 20).toBeGreaterThan(75_000);
    stop.abort();
  });

  it('takes another limit at once, up, down and away, also for what waits already', async () => {
    rate.limit = 1;
    let granted: number | undefined;
    void rate.take(1000, stop.signal).then((bytes) => (granted = bytes));
    await clock.pass(100);
    expect(granted).toBeUndefined();
    rate.limit = 8000;
    await clock.pass(130);
    expect(granted).toBe(1000);
    flows(1);
    await clock.pass(1000);
    const before = sum();
    rate.limit = 80;
    await clock.pass(10_000);
    expect(sum() - before).toBeLessThan(900);
    rate.limit = 0;
    stop.abort();
  });

  it('forgets what is stopped, and lets the one behind it go', async () => {
    rate.limit = 1000;
    flows(1);
    await clock.pass(1000);
    stop.abort(new Error('stopped'));
    await expect(rate.take(100, stop.signal)).rejects.toThrow('stopped');
    const waiting = new AbortController();
    const first = rate.take(100, waiting.signal);
    let second = 0;
    void rate.take(100, new AbortController().signal).then((bytes) => (second = bytes));
    waiting.abort(new Error('not any more'));
    await expect(first).rejects.toThrow('not any more');
    await clock.pass(200);
    expect(second).toBe(100);
  });

  it('refuses what is no limit', () => {
    for (const limit of [-1, NaN, Infinity]) expect(() => (rate.limit = limit)).toThrow(RangeError);
    expect(rate.limit).toBe(0);
  });
});
