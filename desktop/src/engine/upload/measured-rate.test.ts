import { expect, it } from 'vitest';
import { MeasuredRate } from './measured-rate.ts';

const MB = 1024 * 1024;

it('is nothing until something was measured, and what an earlier run measured before that', () => {
  expect(new MeasuredRate(null).rate).toBeNull();
  const known = { filesPerSecond: 3, bytesPerSecond: 5 };
  expect(new MeasuredRate(known).rate).toEqual(known);
});

it('keeps the best of files and of bytes, whichever kind of run showed it', () => {
  const measured = new MeasuredRate(null);
  let [bytes, files] = [0, 0];
  const run = (from: number, seconds: number, each: { bytes: number; files: number }): void => {
    for (let second = 0; second <= seconds; second += 1) {
      measured.note((from + second) * 1000, { bytes: (bytes += each.bytes), files: (files += each.files) });
    }
  };
  run(0, 30, { bytes: MB, files: 500 });
  run(31, 30, { bytes: 40 * MB, files: 1 });
  expect(measured.rate?.filesPerSecond).toBeCloseTo(500, -1);
  expect(measured.rate?.bytesPerSecond).toBeCloseTo(40 * MB, -6);
});

it('forgets slowly, and only while it uploads', () => {
  const measured = new MeasuredRate({ filesPerSecond: 1000, bytesPerSecond: 1 });
  const note = (at: number, seconds: number): void =>
    measured.note(at * 1000, { bytes: seconds * MB, files: seconds * 10 });
  note(0, 0);
  note(2, 2);
  measured.pause();
  note(100_000, 2);
  note(100_002, 4);
  expect(measured.rate?.filesPerSecond).toBe(1000);
  for (let second = 0; second <= 3600; second += 5) note(100_002 + second, 4 + second);
  expect(measured.rate?.filesPerSecond).toBeCloseTo(500, -1);
});
