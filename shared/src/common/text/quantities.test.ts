import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatInstant, formatSeconds } from './quantities.ts';

describe('quantities', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KB'],
    [5 * 1024 ** 4, '5.0 TB'],
    [5000 * 1024 ** 4, '5000.0 TB'],
  ])('writes %i bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0.25, '0.3 s'],
    [59, '59 s'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
    [273_600, '3 d 4 h'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it('separates thousands', () => {
    expect(formatCount(1_204_331)).toBe('1,204,331');
  });

  it('gives the date of an instant only when it is not today', () => {
    const noon = new Date(2026, 0, 31, 12, 0, 5).getTime();
    expect(formatInstant(noon, noon + 3_600_000)).toBe('12:00:05');
    expect(formatInstant(noon, noon + 86_400_000)).toBe('2026-01-31 12:00:05');
  });
});
