import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DesktopNews } from '#bridge/desktop-bridge.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { FakeQueue, items } from '#console/testing/fake-queue.ts';
import { QueueFeed } from './queue-feed.ts';

function start() {
  const queue = new FakeQueue();
  const hearers = new Set<(news: DesktopNews) => void>();
  const readStatus = vi.spyOn(queue, 'readStatus');
  const listen = (hear: (news: DesktopNews) => void): (() => void) => {
    hearers.add(hear);
    return () => void hearers.delete(hear);
  };
  const feed = new QueueFeed({ engine: queue, listen });
  const tell = (news: DesktopNews): void => hearers.forEach((hear) => hear(news));
  const asked = (): number => readStatus.mock.calls.length;
  return { queue, feed, tell, asked, readStatus, hearers };
}

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

describe('what is known of the queue', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is asked for while somebody looks, and not else', async () => {
    const { feed, asked, hearers } = start();
    await pass(5000);
    expect(asked()).toBe(0);
    const end = feed.subscribe(() => undefined);
    await pass(3100);
    expect(asked()).toBe(4);
    end();
    await pass(5000);
    expect([asked(), hearers.size]).toEqual([4, 0]);
  });

  it('is asked for soon after a change, however often that is told', async () => {
    const { queue, feed, tell, asked } = start();
    feed.subscribe(() => undefined);
    await pass(0);
    queue.list = items(3);
    for (let told = 0; told < 10; told += 1) tell({ kind: 'queueChanged' });
    await pass(250);
    expect([asked(), feed.view().status?.counts.queued.files]).toEqual([2, 3]);
  });

  it('says how the queue stood when the engine came back to it, until it is dismissed', async () => {
    const { queue, feed, tell } = start();
    queue.list = [...items(5, 'done'), ...items(2, 'inDoubt', 6), ...items(4, 'queued', 8)];
    feed.subscribe(() => undefined);
    await pass(0);
    expect(feed.view().recovery).toEqual({ done: 5, inDoubt: 2, left: 4 });
    queue.list = items(11, 'done');
    await pass(1000);
    expect(feed.view().recovery).toEqual({ done: 5, inDoubt: 2, left: 4 });
    feed.dismissRecovery();
    await pass(1000);
    expect(feed.view().recovery).toBeNull();
    queue.list = [...items(11, 'done'), ...items(1, 'inDoubt', 12)];
    tell({ kind: 'engineState', state: 'restarting' });
    await pass(1000);
    expect(feed.view().recovery).toEqual({ done: 11, inDoubt: 1, left: 0 });
  });

  it('says nothing of a recovery where nothing was left', async () => {
    const { queue, feed } = start();
    queue.list = items(3, 'done');
    feed.subscribe(() => undefined);
    await pass(0);
    queue.list = [...items(3, 'done'), ...items(3, 'queued', 4)];
    await pass(1000);
    expect(feed.view().recovery).toBeNull();
  });

  it('counts an upload from where nothing was under way', async () => {
    const { queue, feed } = start();
    queue.list = items(3, 'done');
    feed.subscribe(() => undefined);
    await pass(0);
    queue.list = [...items(4, 'done'), ...items(3, 'queued', 5)];
    await pass(1000);
    expect(feed.view().before.files).toBe(3);
    queue.list = [...items(1, 'done'), ...items(3, 'queued', 5)];
    await pass(1000);
    expect(feed.view().before.files).toBe(1);
  });

  it('stays as it was last heard while the engine does not answer, and says so', async () => {
    const { queue, feed, readStatus } = start();
    queue.list = items(3);
    feed.subscribe(() => undefined);
    await pass(0);
    readStatus.mockRejectedValueOnce(new FleetError('INTERNAL', 'gone'));
    await pass(1000);
    expect([feed.view().status?.counts.queued.files, feed.view().error]).toMatchObject([3, { code: 'INTERNAL' }]);
    await pass(1000);
    expect(feed.view().error).toBeNull();
  });
});

describe('a change of the queue', () => {
  it('is seen at once', async () => {
    const { feed } = start();
    expect(await feed.change((engine) => engine.pause({}))).toBe(true);
    expect(feed.view().status?.isPaused).toBe(true);
  });

  it('that was refused is said, until the next one is done', async () => {
    const { queue, feed } = start();
    const refusal = new FleetError('DISK_FULL', 'full');
    expect(await feed.change(() => Promise.reject(refusal))).toBe(false);
    expect(feed.view().refusal).toBe(refusal);
    queue.list = items(2, 'done');
    expect(await feed.act((engine) => engine.clearHistory({}))).toBe(true);
    expect([feed.view().refusal, feed.view().status?.counts.done.files]).toEqual([null, 0]);
  });
});
