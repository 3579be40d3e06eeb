import { expect, it } from 'vitest';
import { foundFile, queueOnDisk } from '#engine/testing/queue-builders.ts';
import { queuePages } from './queue-pages.ts';

const { signal } = new AbortController();
const FILES = 1700;

function longQueue(): ReturnType<typeof queueOnDisk>['queue'] {
  const { queue } = queueOnDisk();
  queue.add(Array.from({ length: FILES }, (_, index) => foundFile(index + 1)));
  return queue;
}

it('has every item once, in the order in which it was added, some at a time', async () => {
  const queue = longQueue();
  queue.change([
    { key: 3, state: 'failed' },
    { key: 1650, state: 'failed' },
  ]);
  const keys: number[] = [];
  for await (const items of queuePages(queue, { signal })) {
    expect(items.length).toBeLessThanOrEqual(500);
    keys.push(...items.map(({ key }) => key));
  }
  expect(keys).toEqual(Array.from({ length: FILES }, (_, index) => index + 1));
  const failed: number[] = [];
  for await (const items of queuePages(queue, { state: 'failed', signal })) failed.push(...items.map(({ key }) => key));
  expect(failed).toEqual([3, 1650]);
});

it('gives others a turn after each page', async () => {
  const queue = longQueue();
  let turns = 0;
  let isReading = true;
  const count = (): void => {
    turns += 1;
    if (isReading) setImmediate(count);
  };
  setImmediate(count);
  let pages = 0;
  for await (const items of queuePages(queue, { signal })) {
    expect(items.length).toBeGreaterThan(0);
    pages += 1;
  }
  isReading = false;
  expect(pages).toBe(4);
  expect(turns).toBeGreaterThanOrEqual(pages - 1);
});

it('ends between two pages when it is aborted', async () => {
  const stop = new AbortController();
  const read = async (): Promise<void> => {
    for await (const items of queuePages(longQueue(), { signal: stop.signal })) {
      expect(items).toHaveLength(500);
      stop.abort(new Error('enough'));
    }
  };
  await expect(read()).rejects.toThrow('enough');
});
