import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

const MB = 1024 * 1024;

it('knows nothing at the beginning', () => {
  const pace = new Pace();
  pace.note(0, { bytes: 0, files: 0 });
  expect([pace.bytesPerSecond(), pace.secondsFor({ bytes: MB, files: 1 })]).toEqual([null, null]);
});

it('tells the speed of the last ten seconds, not of the whole time', () => {
  const pace = new Pace();
  for (let second = 0; second <= 60; second += 1) pace.note(second * 1000, { bytes: second * 10 * MB, files: 0 });
  for (let second = 61; second <= 75; second += 1) pace.note(second * 1000, { bytes: (540 + second) * MB, files: 0 });
  expect(pace.bytesPerSecond()).toBe(MB);
  expect(pace.secondsFor({ bytes: 30 * MB, files: 0 })).toBe(30);
});

it('counts that small files cost more than their bytes', () => {
  const pace = new Pace();
  pace.note(0, { bytes: 0, files: 0 });
  pace.note(10_000, { bytes: 1000 * 1024, files: 1000 });
  expect(pace.secondsFor({ bytes: 9000 * 1024, files: 9000 })).toBe(90);
});

it('does not announce an end while nothing moves', () => {
  const pace = new Pace();
  for (let second = 0; second <= 30; second += 1)
    pace.note(second * 1000, { bytes: Math.min(second, 5) * MB, files: 0 });
  expect(pace.bytesPerSecond()).toBe(0);
  expect(pace.secondsFor({ bytes: MB, files: 1 })).toBeNull();
});

it('begins anew after a pause', () => {
  const pace = new Pace();
  pace.note(0, { bytes: 0, files: 0 });
  pace.note(2000, { bytes: MB, files: 1 });
  pace.reset();
  expect(pace.bytesPerSecond()).toBeNull();
});
