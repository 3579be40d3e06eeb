import { describe, expect, it } from 'vitest';
import { UploadGate } from './upload-gate.ts';

describe('the gate of uploads', () => {
  it('runs as many as it may at once, the others in order', async () => {
    const gate = new UploadGate(2);
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
    const gate = new UploadGate(1);
    await expect(gate.run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await gate.run(() => Promise.resolve('next'))).toBe('next');
  });

  it('refuses who has waited too long, and who comes when the line is full', async () => {
    const gate = new UploadGate(1, 5);
    const end = Promise.withResolvers<undefined>();
    const running = gate.run(() => end.promise);
    const waiting = Array.from({ length: 8 }, () => gate.run(() => Promise.resolve()));
    await expect(gate.run(() => Promise.resolve())).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    end.resolve(undefined);
    await running;
    expect(await gate.run(() => Promise.resolve('again'))).toBe('again');
  });
});
