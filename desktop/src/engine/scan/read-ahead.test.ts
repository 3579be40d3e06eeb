import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readAhead } from './read-ahead.ts';

it('hands on the same batches, and asks for the next one before the last one is handed on', async () => {
  const told: string[] = [];
  async function* source(): AsyncGenerator<number, void, undefined> {
    for (let batch = 1; batch <= 3; batch += 1) {
      told.push(`read ${String(batch)}`);
      await delay(1);
      yield batch;
    }
  }
  for await (const batch of readAhead(source())) {
    told.push(`got ${String(batch)}`);
    await delay(5);
  }
  expect(told).toEqual(['read 1', 'read 2', 'got 1', 'read 3', 'got 2', 'got 3']);
});

it('fails at the place of the failure', async () => {
  async function* source(): AsyncGenerator<number, void, undefined> {
    await delay(1);
    yield 1;
    throw new Error('unplugged');
  }
  const got: number[] = [];
  const reading = (async () => {
    for await (const batch of readAhead(source())) got.push(batch);
  })();
  await expect(reading).rejects.toThrow('unplugged');
  expect(got).toEqual([1]);
});

it('ends the source when nobody wants more', async () => {
  let isEnded = false;
  async function* source(): AsyncGenerator<number, void, undefined> {
    try {
      for (let batch = 1; ; batch += 1) {
        await delay(1);
        yield batch;
      }
    } finally {
      isEnded = true;
    }
  }
  for await (const batch of readAhead(source())) if (batch === 2) break;
  expect(isEnded).toBe(true);
});
