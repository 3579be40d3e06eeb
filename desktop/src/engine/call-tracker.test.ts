import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { CallTracker } from './call-tracker.ts';

it('ends after everything that began, however it ends, and lets nothing begin then', async () => {
  const tracker = new CallTracker();
  const told: string[] = [];
  const work =
    (name: string, fails = false) =>
    async (): Promise<string> => {
      await delay(10);
      told.push(name);
      if (fails) throw new Error(name);
      return name;
    };
  const first = tracker.run(work('first'));
  const second = tracker.run(work('second', true));
  second.catch(() => undefined);
  await tracker.close();
  expect(told).toEqual(['first', 'second']);
  expect(await first).toBe('first');
  await expect(second).rejects.toThrow('second');
  await expect(tracker.run(work('third'))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  expect(told).toHaveLength(2);
});
