import { expect, it } from 'vitest';
import { TransferSpeed } from './transfer-speed.ts';

const MB = 1024 * 1024;

it('knows nothing at the beginning', () => {
  const speed = new TransferSpeed();
  speed.note(0, { bytes: 0, files: 0 });
  expect([speed.bytesPerSecond(), speed.secondsFor({ bytes: MB, files: 1 })]).toEqual([null, null]);
});

it('tells the speed of the last ten seconds, not of the whole time', () => {
  const speed = new TransferSpeed();
  for (let second = 0; second <= 60; second += 1) speed.note(second * 1000, { bytes: second * 10 * MB, files: 0 });
  for (let second = 61; second <= 75; second += 1) speed.note(second * 1000, { bytes: (540 + second) * MB, files: 0 });
  expect(speed.bytesPerSecond()).toBe(MB);
  expect(speed.secondsFor({ bytes: 30 * MB, files: 0 })).toBe(30);
});

it('counts that small files cost more than their bytes', () => {
  const speed = new TransferSpeed();
  speed.note(0, { bytes: 0, files: 0 });
  speed.note(10_000, { bytes: 1000 * 1024, files: 1000 });
  expect(speed.secondsFor({ bytes: 9000 * 1024, files: 9000 })).toBe(90);
});

it('does not announce an end while nothing moves', () => {
  const speed = new TransferSpeed();
  for (let second = 0; second <= 30; second += 1)
    speed.note(second * 1000, { bytes: Math.min(second, 5) * MB, files: 0 });
  expect(speed.bytesPerSecond()).toBe(0);
  expect(speed.secondsFor({ bytes: MB, files: 1 })).toBeNull();
});

it('begins anew after a pause', () => {
  const speed = new TransferSpeed();
  speed.note(0, { bytes: 0, files: 0 });
  speed.note(2000, { bytes: MB, files: 1 });
  speed.reset();
  expect(speed.bytesPerSecond()).toBeNull();
});
