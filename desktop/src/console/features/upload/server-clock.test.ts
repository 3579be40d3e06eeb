import { describe, expect, it } from 'vitest';
import { randomUuid, ServerClock } from './server-clock.ts';

const UUID = '5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1';
const NOON = Date.UTC(2026, 2, 9, 12);

describe('the day in a name', () => {
  it.each([
    ['Asia/Shanghai', Date.UTC(2026, 2, 9, 15, 59), '2026/3/9'],
    ['Asia/Shanghai', Date.UTC(2026, 2, 9, 16), '2026/3/10'],
    ['America/New_York', Date.UTC(2026, 0, 1, 4), '2025/12/31'],
  ])('in %s at %d is %s', (timeZone, at, day) => {
    const clock = new ServerClock();
    clock.set({ at, timeZone }, NOON);
    expect(clock.newId(NOON, UUID)).toBe(`${day}/${UUID}`);
  });

  it('goes on with the time that has passed since', () => {
    const clock = new ServerClock();
    clock.set({ at: Date.UTC(2026, 2, 9, 23, 30), timeZone: 'UTC' }, NOON);
    expect(clock.newId(NOON + 3_600_000, UUID)).toBe(`2026/3/10/${UUID}`);
  });

  it('is our own where the time zone of the server is not known here', () => {
    const clock = new ServerClock();
    clock.set({ at: NOON, timeZone: 'Mars/Olympus' }, NOON);
    expect(clock.newId(NOON, UUID)).toMatch(/^2026\/3\/(9|10)\//);
  });
});

it('makes ids of version 4 that differ', () => {
  const ids = Array.from({ length: 200 }, randomUuid);
  expect(new Set(ids).size).toBe(200);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
