import { afterEach, expect, it, vi } from 'vitest';
import type { ConsoleHost } from '#console/api/host.ts';
import { endWork, goOnAs, isBusy, suspendWork } from '#console/api/ongoing-work.ts';
import { uploadsOf } from './host-uploads.ts';
import { pngNamed, statesOf, until } from './testing/fake-fleet.ts';
import type { HashQuestion } from './worker-hasher.ts';

afterEach(() => void vi.unstubAllGlobals());

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

it('ends its worker with it, also when that has nothing to do', async () => {
  let workers = 0;
  class FakeWorker extends EventTarget {
    constructor() {
      super();
      workers += 1;
    }

    postMessage({ number }: HashQuestion): void {
      this.dispatchEvent(new MessageEvent('message', { data: { number, sha256: 'ab' } }));
    }

    terminate(): void {
      workers -= 1;
    }
  }
  vi.stubGlobal('Worker', FakeWorker);
  const asked: unknown[] = [];
  const lookupImages = (input: unknown) => new Promise(() => asked.push(input));
  const host = { api: { lookupImages } } as unknown as ConsoleHost;
  uploadsOf(host, 'anna', new EventTarget()).add([pngNamed('a.png')]);
  await until(() => asked.length === 1);
  expect(workers).toBe(1);
  endWork(host);
  expect(workers).toBe(0);
});
