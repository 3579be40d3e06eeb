import { expect, it } from 'vitest';
import type { ConsoleHost } from '#console/api/host.ts';
import { endWork, goOnAs, isBusy, suspendWork } from '#console/api/ongoing-work.ts';
import { uploadsOf } from './host-uploads.ts';
import { statesOf } from './testing/fake-fleet.ts';

/** Files that are never opened wait for ever. */
const WAITING = [{ path: 'folder/a.png', open: () => new Promise<File>(() => undefined) }];

function start() {
  const host = {} as ConsoleHost;
  const page = new EventTarget();
  const queue = uploadsOf(host, 'anna', page);
  queue.add(WAITING);
  const isAsked = (): boolean => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  return { host, page, queue, isAsked };
}

it('is the same queue for the same key, also after a login in between', () => {
  const { host, page, queue } = start();
  suspendWork(host);
  goOnAs(host, 'anna');
  expect(uploadsOf(host, 'anna', page)).toBe(queue);
  expect([statesOf(queue), isBusy(host)]).toEqual([['queued'], true]);
  endWork(host);
});

it.each<[string, (host: ConsoleHost, page: EventTarget) => void]>([
  ['is logged out', (host) => endWork(host)],
  ['is followed by another one', (host) => goOnAs(host, 'bert')],
  ['is followed by another one who uploads', (host, page) => void uploadsOf(host, 'bert', page)],
])('takes nothing and holds nothing of the page when its operator %s', (_name, leave) => {
  const { host, page, queue, isAsked } = start();
  expect(isAsked()).toBe(true);
  leave(host, page);
  expect([statesOf(queue), isBusy(host), isAsked()]).toEqual([['cancelled'], false, false]);
  queue.add(WAITING);
  queue.retry(1);
  expect(statesOf(queue)).toEqual(['cancelled']);
  expect(uploadsOf(host, 'bert', page)).not.toBe(queue);
  endWork(host);
});
