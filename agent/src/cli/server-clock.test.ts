import { describe, expect, it } from 'vitest';
import { ServerClock } from './server-clock.ts';

const UUID = '5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1';
/** New Year's Eve in London, New Year's Day in Shanghai. */
const NOW = Date.UTC(2025, 11, 31, 20);

function clockAt(now: () => number): ServerClock {
  return new ServerClock({ now, uuid: () => UUID });
}

describe('the ids of a client', () => {
  it("have the server's day, by its time zone and its clock", () => {
    const clock = clockAt(() => NOW);
    clock.learn({ at: NOW, timeZone: 'Asia/Shanghai' });
    expect(clock.newId()).toBe(`2026/1/1/${UUID}`);
    clock.learn({ at: NOW, timeZone: 'Europe/London' });
    expect(clock.newId()).toBe(`2025/12/31/${UUID}`);
    clock.learn({ at: NOW - 30 * 86_400_000, timeZone: 'Europe/London' });
    expect(clock.newId()).toBe(`2025/12/1/${UUID}`);
  });

  it('change their day when the server does, also long after it was asked', () => {
    let now = NOW;
    const clock = clockAt(() => now);
    clock.learn({ at: NOW + 3_600_000, timeZone: 'Europe/London' });
    now += 3 * 3_600_000 - 1;
    expect(clock.newId()).toBe(`2025/12/31/${UUID}`);
    now += 1;
    expect(clock.newId()).toBe(`2026/1/1/${UUID}`);
  });

  it('have the own day while no server has told one that this machine understands', () => {
    const clock = clockAt(() => NOW);
    const own = clock.newId();
    clock.learn(undefined);
    clock.learn({ at: 0, timeZone: 'Mars/Olympus' });
    expect(clock.newId()).toBe(own);
  });
});
