import { expect, it } from 'vitest';
import { tieToPage } from './page-ties.ts';

function start() {
  const end = new AbortController();
  const page = new EventTarget();
  const queue = { ended: end.signal, hasWork: true, woken: 0, wake: () => void (queue.woken += 1) };
  tieToPage(queue, page);
  const isAsked = (): boolean => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  return { end, page, queue, isAsked };
}

it('asks before a page with work left is closed', () => {
  const { queue, isAsked } = start();
  expect(isAsked()).toBe(true);
  queue.hasWork = false;
  expect(isAsked()).toBe(false);
});

it('wakes the queue when the line is back', () => {
  const { page, queue } = start();
  page.dispatchEvent(new Event('online'));
  expect(queue.woken).toBe(1);
});

it('leaves nothing at the page when the queue has ended', () => {
  const { end, page, queue, isAsked } = start();
  end.abort();
  page.dispatchEvent(new Event('online'));
  expect([isAsked(), queue.woken]).toEqual([false, 0]);
});
