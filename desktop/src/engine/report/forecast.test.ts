import { expect, it } from 'vitest';
import { forecastSeconds } from './forecast.ts';

const RATE = { filesPerSecond: 100, bytesPerSecond: 1000 };

it('takes the slower of files and bytes', () => {
  expect(forecastSeconds({ files: 500, bytes: 1000 }, RATE)).toBe(5);
  expect(forecastSeconds({ files: 1, bytes: 7000 }, RATE)).toBe(7);
});

it('makes no number up', () => {
  expect(forecastSeconds({ files: 1, bytes: 1 }, null)).toBeNull();
  expect(forecastSeconds({ files: 1, bytes: 1 }, { filesPerSecond: 0, bytesPerSecond: 1000 })).toBeNull();
  expect(forecastSeconds({ files: 1, bytes: 1 }, { filesPerSecond: 10, bytesPerSecond: 0 })).toBeNull();
  expect(forecastSeconds({ files: 1, bytes: 1 }, { filesPerSecond: Number.NaN, bytesPerSecond: 1 })).toBeNull();
});

it('needs no time for nothing', () => {
  expect(forecastSeconds({ files: 0, bytes: 0 }, RATE)).toBe(0);
});
