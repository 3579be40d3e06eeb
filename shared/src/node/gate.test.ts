import { describe, expect, it } from 'vitest';
import { FleetError } from '#common/errors/fleet-error.ts';
import { Gate } from './gate.ts';

function gateOf(running: number, maxWaitMs = 30_000): Gate {
  const refusal = () => new FleetError('RATE_LIMITED', 'too many');
  return new Gate({ running, waiting: 2, maxWaitMs }, refusal);
}

describe('a gate', () => {
  it('runs as many as it may at once, the others in order', async () => {
    const gate = gateOf(2);
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const runs = [0, 1, 2, 3].map((index) =>
      gate.run(() => {
        begun.push(index);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    await expect.poll(() => begun).toEqual([0, 1]);
    ends.shift()?.();
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    ends.shift()?.();
    await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
    for (const end of ends) end();
    await Promise.all(runs);
  });

  it('gives the place back after a failure', async () => {
    const gate = gateOf(1);
    await expect(gate.run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await gate.run(() => Promise.resolve('next'))).toBe('next');
  });

  it('refuses who has waited too long, and who comes when the line is full', async () => {
    const gate = gateOf(1, 5);
    const end = Promise.withResolvers<undefined>();
    const running = gate.run(() => end.promise);
    const waiting = Array.from({ length: 2 }, () => gate.run(() => Promise.resolve()));
    await expect(gate.run(() => Promise.resolve())).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    end.resolve(undefined);
    await running;
    expect(await gate.run(() => Promise.resolve('again'))).toBe('again');
  });
});
