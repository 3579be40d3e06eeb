import { describe, expect, it } from 'vitest';
import { items, FakeQueue } from '#console/testing/fake-queue.ts';
import { ItemWindow, PAGE_ITEMS } from './item-window.ts';

function start(count: number) {
  const queue = new FakeQueue();
  queue.list = items(count);
  const asked: { readonly skip?: number | undefined }[] = [];
  const window = new ItemWindow((input) => {
    asked.push(input);
    return queue.listItems(input);
  });
  const keyAt = (place: number): number | undefined => window.item(place)?.key;
  return { queue, window, asked, keyAt };
}

describe('a window on a long list', () => {
  it('brings what is seen, and the same row stands at its place however it is reached', async () => {
    const { window, keyAt, asked } = start(100_000);
    window.show({ first: 0, last: 30 });
    await expect.poll(() => keyAt(30)).toBe(31);
    window.show({ first: 60_190, last: 60_220 });
    await expect.poll(() => [keyAt(60_190), keyAt(60_220)]).toEqual([60_191, 60_221]);
    // The two pages that the rows lie in, after the first one.
    expect(asked.map(({ skip }) => skip)).toEqual([0, 60_000, 60_200]);
  });

  it('keeps no more rows than a few pages', async () => {
    const { window, keyAt } = start(10_000);
    for (const first of [0, 2000, 4000, 9000]) {
      window.show({ first, last: first + 30 });
      await expect.poll(() => keyAt(first)).toBe(first + 1);
    }
    const kept = Array.from({ length: 10_000 }, (_, place) => keyAt(place)).filter((key) => key !== undefined);
    expect(kept.length).toBe(PAGE_ITEMS);
  });

  it('shows a file as it is now after a refresh, and what it was until then', async () => {
    const { queue, window } = start(3);
    window.show({ first: 0, last: 2 });
    await expect.poll(() => window.item(0)?.state).toBe('queued');
    queue.list = items(3, 'done');
    window.refresh();
    expect(window.item(0)?.state).toBe('queued');
    await expect.poll(() => window.item(0)?.state).toBe('done');
  });

  it('shows what stands at a place now, where rows have moved', async () => {
    const { queue, window, keyAt } = start(1000);
    window.show({ first: 600, last: 620 });
    await expect.poll(() => keyAt(600)).toBe(601);
    queue.list = queue.list.slice(100);
    window.refresh();
    await expect.poll(() => keyAt(600)).toBe(701);
  });

  it('shows the files of one state', async () => {
    const { queue, window, keyAt } = start(0);
    queue.list = [...items(300, 'done'), ...items(10, 'failed', 301)];
    window.choose('failed');
    window.show({ first: 0, last: 9 });
    await expect.poll(() => [keyAt(0), keyAt(9), keyAt(10)]).toEqual([301, 310, undefined]);
  });

  it('passes over an answer to what is looked at no more', async () => {
    const { queue, window, keyAt } = start(5);
    queue.list = [...items(5, 'done'), ...items(5, 'failed', 6)];
    window.show({ first: 0, last: 4 });
    window.choose('failed');
    await expect.poll(() => keyAt(0)).toBe(6);
    window.choose('all');
    await expect.poll(() => keyAt(0)).toBe(1);
  });

  it('says why nothing comes, and goes on when it does', async () => {
    const queue = new FakeQueue();
    queue.list = items(5);
    const line = { isCut: true };
    const window = new ItemWindow((input) => (line.isCut ? Promise.reject(new Error('cut')) : queue.listItems(input)));
    window.show({ first: 0, last: 4 });
    await expect.poll(() => window.error).toBeInstanceOf(Error);
    line.isCut = false;
    window.refresh();
    await expect.poll(() => [window.item(0)?.key, window.error]).toEqual([1, null]);
  });

  it('ends at the end of a list that has become shorter', async () => {
    const { window, keyAt, asked } = start(250);
    window.show({ first: 900, last: 920 });
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([keyAt(900), asked.length]).toEqual([undefined, 1]);
  });
});
