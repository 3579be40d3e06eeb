import { expect, it } from 'vitest';
import { untilAborted } from './until-aborted.ts';

it('is what the promise comes to while nobody aborts', async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
  await expect(untilAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
});

it('ends with the reason of the abort, whatever the promise does later', async () => {
  const stop = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const waiting = untilAborted(promise, stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  reject(new Error('nobody waits for this any more'));
  await expect(untilAborted(new Promise(() => undefined), stop.signal)).rejects.toThrow('enough');
});
