import { expect, it } from 'vitest';
import { tieToPage } from './page-ties.ts';
import { LOST, until } from './testing/fake-fleet.ts';
import { finish, names, sending, start } from './testing/queue-driver.ts';

const isAsked = (page: EventTarget): boolean => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));

it('asks before a page with work left is closed, and only until the queue ends', async () => {
  const { fleet, queue } = start();
  const page = new EventTarget();
  tieToPage(queue, page);
  expect(isAsked(page)).toBe(false);
  fleet.isHanging = true;
  queue.add(names(1));
  await sending(fleet, 1);
  expect(isAsked(page)).toBe(true);
  queue.end();
  expect(fleet.sent[0]?.signal.aborted).toBe(true);
  expect(isAsked(page)).toBe(false);
});

it('goes on at once when the line is back', async () => {
  const { fleet, queue } = start();
  const page = new EventTarget();
  tieToPage(queue, page);
  fleet.failures = [LOST];
  queue.add(names(1));
  await until(() => queue.item(1)?.failure !== null);
  page.dispatchEvent(new Event('online'));
  await finish(fleet, queue);
  expect(queue.item(1)?.state).toBe('done');
});
