import { localDay } from '@imagefleet/shared/common/time/local-day.ts';

/** The day of an instant (epoch milliseconds) as yyyy-MM-dd in a time zone; undefined: this machine's. */
export function dayOf(atMs: number, timeZone: string | undefined): string {
  const { year, month, day } = localDay(atMs, timeZone);
  return `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** So many days later; a day of the calendar has no time zone and no summer time. */
export function shiftDay(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
