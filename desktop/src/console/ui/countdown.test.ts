import { expect, it } from 'vitest';
import { formatCountdown } from './countdown.ts';

it.each([
  [-1, '0 s'],
  [0.2, '1 s'],
  [9, '9 s'],
  [10, '10 s'],
  [60, '1 min'],
  [180, '3 min'],
  [199.1, '3 min 20 s'],
  [7200, '2 h'],
  [172_800, '2 d'],
])('of %d seconds %s are left', (seconds, text) => {
  expect(formatCountdown(seconds)).toBe(text);
});
