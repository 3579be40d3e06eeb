import { describe, expect, it } from 'vitest';
import { ServerClock } from './server-clock.ts';

const UUID = '5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1';
/** New Year's Eve in London, New Year's Day in Shanghai. */
const NOW = Date.UTC(2025, 11, 31, 20);
const NOON = Date.UTC(2026, 2, 9, 12);

describe('the ids of a client', () => {
  it("have the server's day, by its time zone and its clock", () => {
    const clock = new ServerClock();
    clock.set({ at: NOW, timeZone: 'Asia/Shanghai' }, NOW);
    expect(clock.newId(NOW, UUID)).toBe(`2026/1/1/${UUID}`);
    clock.set({ at: NOW, timeZone: 'Europe/London' }, NOW);
    expect(clock.newId(NOW, UUID)).toBe(`2025/12/31/${UUID}`);
    clock.set({ at: NOW - 30 * 86_400_000, timeZone: 'Europe/London' }, NOW);
    expect(clock.newId(NOW, UUID)).toBe(`2025/12/1/${UUID}`);
  });

  it.each([
    ['Asia/Shanghai', Date.UTC(2026, 2, 9, 15, 59), '2026/3/9'],
    ['Asia/Shanghai', Date.UTC(2026, 2, 9, 16), '2026/3/10'],
    ['America/New_York', Date.UTC(2026, 0, 1, 4), '2025/12/31'],
  ])('have in %s at %d the day %s, whatever the own clock says', (timeZone, at, day) => {
    const clock = new ServerClock();
    clock.set({ at, timeZone }, NOON);
    expect(clock.newId(NOON, UUID)).toBe(`${day}/${UUID}`);
  });

  it('change their day when the server does, also long after it was asked', () => {
    const clock = new ServerClock();
    clock.set({ at: NOW + 3_600_000, timeZone: 'Europe/London' }, NOW);
    expect(clock.newId(NOW + 3 * 3_600_000 - 1, UUID)).toBe(`2025/12/31/${UUID}`);
    expect(clock.newId(NOW + 3 * 3_600_000, UUID)).toBe(`2026/1/1/${UUID}`);
  });

  it('have the own day while no server has told one that this machine understands', () => {
    const clock = new ServerClock();
    const own = clock.newId(NOW, UUID);
    clock.set(undefined, NOW);
    clock.set({ at: 0, timeZone: 'Mars/Olympus' }, NOW);
    expect(clock.newId(NOW, UUID)).toBe(own);
  });

  it('keep the day of a server that was understood when another one is not', () => {
    const clock = new ServerClock();
    clock.set({ at: NOW, timeZone: 'Asia/Shanghai' }, NOW);
    clock.set({ at: 0, timeZone: 'Mars/Olympus' }, NOW);
    expect(clock.newId(NOW, UUID)).toBe(`2026/1/1/${UUID}`);
  });
});
