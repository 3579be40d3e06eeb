import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { Line } from './line.ts';

function start() {
  const clock = { now: 1000 };
  const line = new Line(() => clock.now);
  let told = 0;
  line.subscribe(() => (told += 1));
  const fail = async (error: Error): Promise<boolean | null> => {
    await expect(line.watch(Promise.reject(error))).rejects.toBe(error);
    return line.isAnswered();
  };
  return { clock, line, fail, told: () => told };
}

it('knows by each call whether the server answers, and tells when that changes', async () => {
  const { line, fail, told } = start();
  expect(line.isAnswered()).toBeNull();
  expect(await line.watch(Promise.resolve('a'))).toBe('a');
  expect(line.isAnswered()).toBe(true);
  expect(await fail(new FleetError('PEER_UNREACHABLE', 'x'))).toBe(false);
  expect(await fail(new FleetError('PEER_TIMEOUT', 'x'))).toBe(false);
  expect(told()).toBe(2);
  // A refusal is an answer, and what we broke off says nothing.
  expect(await fail(new FleetError('ROLE_MISSING', 'x'))).toBe(true);
  await fail(new FleetError('PEER_UNREACHABLE', 'x'));
  expect(await fail(new DOMException('not wanted any more', 'AbortError'))).toBe(false);
});

it('measures what uploads sent in the last seconds, over all of them', () => {
  const { clock, line } = start();
  expect(line.bytesPerSecond()).toBeNull();
  const [one, two] = [line.meter(), line.meter()];
  for (let step = 1; step <= 100; step += 1) {
    one(step * 1000);
    two(step * 500);
    clock.now += 100;
  }
  expect(line.bytesPerSecond()).toBeGreaterThan(14_000);
  expect(line.bytesPerSecond()).toBeLessThan(16_500);
  clock.now += 5000;
  expect(line.bytesPerSecond()).toBeNull();
});

it('counts no byte twice when the progress of an upload stands still', () => {
  const { line } = start();
  const meter = line.meter();
  meter(1000);
  meter(1000);
  expect(line.bytesPerSecond()).toBe(1000);
});
