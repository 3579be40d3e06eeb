import { expect, it } from 'vitest';
import { dayOf, shiftDay } from './calendar.ts';

it("says the day in the server's time zone, not in the browser's", () => {
  const at = Date.UTC(2026, 2, 8, 17, 30);
  expect(dayOf(at, 'Asia/Shanghai')).toBe('2026-03-09');
  expect(dayOf(at, 'America/New_York')).toBe('2026-03-08');
});

it('goes to the next and the last day over months, years and the changes of summer time', () => {
  expect(shiftDay('2026-02-28', 1)).toBe('2026-03-01');
  expect(shiftDay('2028-02-28', 1)).toBe('2028-02-29');
  expect(shiftDay('2026-01-01', -1)).toBe('2025-12-31');
  expect(shiftDay('2026-03-29', 1)).toBe('2026-03-30');
});
