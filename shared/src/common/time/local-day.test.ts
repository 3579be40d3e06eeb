import { describe, expect, it } from 'vitest';
import { localDay } from './local-day.ts';

const NEW_YEAR = Date.UTC(2026, 0, 1);

describe('the local day', () => {
  it('is the one of the time zone, without zeros in front', () => {
    expect(localDay(NEW_YEAR, 'UTC')).toEqual({ year: '2026', month: '1', day: '1' });
    expect(localDay(NEW_YEAR, 'America/New_York')).toEqual({ year: '2025', month: '12', day: '31' });
    expect(localDay(NEW_YEAR, 'Asia/Shanghai')).toEqual(localDay(NEW_YEAR, 'UTC'));
  });

  it('changes with the first millisecond of the day, also where days begin at half hours', () => {
    const midnight = Date.UTC(2026, 0, 1, 18, 30);
    expect(localDay(midnight - 1, 'Asia/Kolkata').day).toBe('1');
    expect(localDay(midnight, 'Asia/Kolkata').day).toBe('2');
  });

  it('is the machine’s own without a time zone', () => {
    const at = new Date(2026, 6, 9, 12);
    expect(localDay(at.getTime(), undefined)).toEqual({ year: '2026', month: '7', day: '9' });
  });

  it('stays right when more time zones are asked for than are kept', () => {
    const zones = Intl.supportedValuesOf('timeZone').slice(0, 40);
    const days = zones.map((zone) => localDay(NEW_YEAR, zone).day);
    expect(zones.map((zone) => localDay(NEW_YEAR, zone).day)).toEqual(days);
  });
});
