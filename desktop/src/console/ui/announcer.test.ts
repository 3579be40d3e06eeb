import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Announcer } from './announcer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells the first message at once, and then the newest one in every five seconds', async () => {
  const told: string[] = [];
  const announcer = new Announcer((message) => told.push(`${String(performance.now() - begin)} ${message}`));
  const begin = performance.now();
  let takeBack: () => void = () => undefined;
  for (let second = 0; second < 12; second += 1) {
    takeBack();
    takeBack = announcer.announce(`message ${String(second)}`);
    await vi.advanceTimersByTimeAsync(1000);
  }
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual(['0 message 0', '5000 message 4', '10000 message 9', '15000 message 11']);
});
