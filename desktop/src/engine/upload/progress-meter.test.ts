import { ITEM_STATES } from '#bridge/engine-words.ts';
import { expect, it } from 'vitest';
import { type QueueCounts } from '#engine/queue/queue-item.ts';
import { ProgressMeter } from './progress-meter.ts';

const MB = 1024 * 1024;

function standing(more: {
  done?: number;
  queued?: number;
  movedBytes?: number;
  bytesUnderWay?: number;
  isPaused?: boolean;
}) {
  const { done = 0, queued = 0, ...rest } = more;
  const none = Object.fromEntries(ITEM_STATES.map((state) => [state, { files: 0, bytes: 0 }])) as QueueCounts;
  const counts = { ...none, done: { files: done, bytes: done * MB }, queued: { files: queued, bytes: queued * MB } };
  return { counts, isPaused: false, movedBytes: 0, bytesUnderWay: 0, ...rest };
}

it('tells the speed and how long the rest takes, without what is on its way', () => {
  const meter = new ProgressMeter(null);
  for (let second = 0; second <= 5; second += 1)
    meter.note(second * 1000, standing({ movedBytes: second * MB, done: 0 }));
  const { bytesPerSecond, secondsLeft } = meter.view(standing({ queued: 10 }));
  expect(bytesPerSecond).toBe(MB);
  expect(secondsLeft).toBeCloseTo(10.3, 1);
  expect(meter.view(standing({ queued: 10, bytesUnderWay: 5 * MB })).secondsLeft).toBeCloseTo(5.3, 1);
  expect(meter.view(standing({ done: 10 })).secondsLeft).toBeNull();
});

it('forgets what it saw while it is paused, and when files go back', () => {
  const meter = new ProgressMeter(null);
  const moved = (at: number, done: number): void => meter.note(at, standing({ movedBytes: at * 1000, done }));
  moved(0, 0);
  moved(2000, 5);
  expect(meter.view(standing({})).bytesPerSecond).toBe(1_000_000);
  meter.note(3000, standing({ isPaused: true, done: 5 }));
  expect(meter.view(standing({})).bytesPerSecond).toBeNull();
  moved(4000, 5);
  moved(6000, 6);
  expect(meter.view(standing({})).bytesPerSecond).toBe(1_000_000);
  moved(7000, 2);
  expect(meter.view(standing({})).bytesPerSecond).toBeNull();
});
