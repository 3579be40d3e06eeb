import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { cancelAll, moveAll, retryWaiting, trimHistory } from './queue/bulk-changes.ts';
import { engineOn, filesOf, SERVERS } from './testing/engine-on.ts';
import { FakeFleet } from './testing/fake-fleet.ts';
import { foundFile, foundFiles, queueOnDisk } from './testing/queue-builders.ts';

function start(count: number) {
  const { queue } = queueOnDisk();
  const fleet = new FakeFleet();
  queue.add(foundFiles(count));
  return { queue, fleet, engine: engineOn(queue, fleet).engine };
}

describe('the engine', () => {
  it('takes everything to the fleet, many files a request', async () => {
    const { queue, fleet, engine } = start(1000);
    engine.start({ isPaused: false });
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 1000 });
    expect(fleet.stored.size).toBe(1000);
    expect(fleet.requests.length).toBeLessThan(40);
    expect(engine.status).toMatchObject({ isPaused: false, holding: null, movedBytes: 1000 });
  });

  it('sends neither what the fleet has nor the same bytes twice', async () => {
    const { queue, fleet, engine } = start(300);
    for (let number = 1; number <= 100; number += 1) fleet.contents.set(foundFile(number).file, 'same');
    fleet.stored.set('2026/3/9/before', Buffer.from(foundFile(300).file).toString('hex').padEnd(64, '0').slice(-64));
    engine.start({ isPaused: false });
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 200, present: 100 });
    expect(fleet.stored.size).toBe(201);
    expect(queue.page({ state: 'present', limit: 1 }).items[0]?.image?.link).toMatch(/^http:\/\/i\//);
  });

  it('goes on at another server when one dies, with no failed file', async () => {
    const { queue, fleet, engine } = start(1500);
    fleet.requestMs = 10;
    engine.start({ isPaused: false });
    await expect.poll(() => fleet.stored.size).toBeGreaterThan(100);
    const [first] = fleet.requests;
    fleet.dead.add(first?.server ?? '');
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 1500 });
    expect(fleet.stored.size).toBe(1500);
    expect(new Set(fleet.requests.map(({ server }) => server)).size).toBe(2);
  });

  it('waits in sight while no server answers, and goes on by itself', async () => {
    const { queue, fleet, engine } = start(10);
    for (const server of SERVERS) fleet.dead.add(server);
    engine.start({ isPaused: false });
    await expect.poll(() => engine.status.holding?.code).toBe('PEER_UNREACHABLE');
    // Trying costs a question now and then, and no spinning.
    await delay(500);
    expect(fleet.lookups.length).toBeLessThan(20);
    expect(filesOf(queue.counts())).toEqual({ queued: 10 });
    fleet.dead.clear();
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 10 });
    expect(engine.status.holding).toBeNull();
  });

  it('says what is in the way also when everything was ready to be sent, and no longer when something arrives', async () => {
    const { queue, fleet, engine } = start(100);
    fleet.requestMs = 300;
    engine.start({ isPaused: false });
    await expect.poll(() => engine.sentBytes(1)).toBe(1);
    for (const server of SERVERS) fleet.dead.add(server);
    await expect.poll(() => engine.status.holding?.code).toBe('PEER_UNREACHABLE');
    fleet.dead.clear();
    await engine.whenIdle();
    expect([filesOf(queue.counts()), engine.status.holding]).toEqual([{ done: 100 }, null]);
  });

  it('leaves the rest of a request alone when one of its files is refused', async () => {
    const { queue, fleet, engine } = start(20);
    fleet.noImages.add(foundFile(7).file);
    engine.start({ isPaused: false });
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 19, failed: 1 });
    fleet.noImages.clear();
    await moveAll(queue, 'failed', 'queued');
    engine.changed();
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 20 });
  });

  it('breaks off when it is paused, asks what arrived, and stores nothing twice', async () => {
    const { queue, fleet, engine } = start(800);
    fleet.requestMs = 100;
    engine.start({ isPaused: false });
    await expect.poll(() => fleet.stored.size).toBeGreaterThan(60);
    await engine.pause();
    const { requests, stored } = { requests: fleet.requests.length, stored: fleet.stored.size };
    const paused = filesOf(queue.counts());
    expect(paused['inDoubt']).toBeGreaterThan(0);
    expect(paused['uploading'] ?? 0).toBe(0);
    await delay(100);
    expect([fleet.requests.length, fleet.stored.size]).toEqual([requests, stored]);
    expect(engine.status.isPaused).toBe(true);
    engine.resume();
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 800 });
    expect(fleet.stored.size).toBe(800);
  });

  it('breaks off the request of a file that is paused, and sends it again under its id when it goes on', async () => {
    const { queue, fleet, engine } = start(1);
    fleet.requestMs = 60_000;
    engine.start({ isPaused: false });
    await expect.poll(() => engine.sentBytes(1)).toBe(1);
    engine.tell([1], 'pausedByHand');
    await expect.poll(() => engine.sentBytes(1)).toBeUndefined();
    await engine.whenIdle();
    expect([filesOf(queue.counts()), engine.status.bytesUnderWay]).toEqual([{ paused: 1 }, 0]);
    const id = queue.item(1)?.id;
    fleet.requestMs = 1;
    engine.tell([1], 'resumed');
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 1 });
    expect([...fleet.stored.keys()]).toEqual([id]);
  });

  it('lets a request go to its end that carries other files beside a cancelled one', async () => {
    const { queue, fleet, engine } = start(2);
    fleet.requestMs = 50;
    engine.start({ isPaused: false });
    await expect.poll(() => engine.sentBytes(1)).toBe(1);
    engine.tell([1], 'cancelled');
    await engine.whenIdle();
    // It was too late to take the first one back.
    expect(filesOf(queue.counts())).toEqual({ done: 2 });
  });

  it('gives up everything that is not up yet, and nothing that is', async () => {
    const { queue, fleet, engine } = start(2000);
    queue.add([...foundFiles(2500)].slice(2000));
    fleet.requestMs = 20;
    engine.start({ isPaused: false });
    await expect.poll(() => fleet.stored.size).toBeGreaterThan(60);
    engine.tell([2500], 'pausedByHand');
    await cancelAll(queue);
    engine.changed();
    await engine.whenIdle();
    const { done = 0, cancelled = 0, ...others } = filesOf(queue.counts());
    expect([done + cancelled, others]).toEqual([2500, {}]);
    expect(cancelled).toBeGreaterThan(1000);
    expect(fleet.stored.size).toBeGreaterThanOrEqual(done);
    await trimHistory(queue, 100);
    expect(filesOf(queue.counts())).toEqual({ cancelled: 100 });
  });

  it('tries at once what waits for its next try, when it is asked to', async () => {
    const { queue, fleet, engine } = start(3);
    queue.change([1, 2, 3].map((key) => ({ key, retryAt: Date.now() + 3_600_000 })));
    engine.start({ isPaused: false });
    await delay(50);
    expect(fleet.requests).toHaveLength(0);
    await retryWaiting(queue);
    engine.changed();
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 3 });
  });

  it('begins nothing while it stands aside, and goes on when it may, or by itself after the time', async () => {
    const { queue, fleet, engine } = start(3);
    engine.standAside(Date.now() + 60_000);
    engine.start({ isPaused: false });
    await delay(50);
    expect([filesOf(queue.counts()), fleet.lookups.length]).toEqual([{ queued: 3 }, 0]);
    engine.standAside(0);
    await engine.whenIdle();
    queue.add([foundFile(4)]);
    engine.standAside(Date.now() + 200);
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 4 });
  });

  it('goes on when it is told to while it is still pausing, and stays paused when that was the last word', async () => {
    const { queue, fleet, engine } = start(400);
    fleet.requestMs = 20;
    engine.start({ isPaused: false });
    await expect.poll(() => fleet.stored.size).toBeGreaterThan(60);
    void engine.pause();
    engine.resume();
    await engine.pause();
    expect(engine.status.isPaused).toBe(true);
    expect(filesOf(queue.counts())['uploading']).toBeUndefined();
    void engine.pause();
    engine.resume();
    await engine.whenIdle();
    expect(filesOf(queue.counts())).toEqual({ done: 400 });
    expect(fleet.stored.size).toBe(400);
  });

  it('stays paused after a start when it was paused before', async () => {
    const { queue, fleet, engine } = start(3);
    engine.start({ isPaused: true });
    await delay(50);
    expect([filesOf(queue.counts()), fleet.requests.length, engine.status.isPaused]).toEqual([{ queued: 3 }, 0, true]);
  });

  it('takes up what the last process left in the middle', async () => {
    const { queue, reopen } = queueOnDisk();
    const fleet = new FakeFleet();
    queue.add(foundFiles(3));
    const ids = [1, 2].map((number) => `2026/3/9/${String(number)}`);
    const hashed = await fleet.hash(queue.page({ limit: 3 }).items, new AbortController().signal);
    const hash = (key: number): string | null => {
      const outcome = hashed.find((one) => one.key === key);
      return outcome?.kind === 'hashed' ? outcome.sha256 : null;
    };
    queue.change([
      { key: 1, state: 'uploading', sha256: hash(1), id: ids[0] ?? null, attempts: 1 },
      { key: 2, state: 'uploading', sha256: hash(2), id: ids[1] ?? null, attempts: 1 },
      { key: 3, state: 'hashing' },
    ]);
    // The first one had arrived.
    fleet.stored.set(ids[0] ?? '', hash(1) ?? '');
    const again = reopen();
    const engine = engineOn(again, fleet).engine;
    expect(filesOf(engine.start({ isPaused: false }))).toEqual({ inDoubt: 2, queued: 1 });
    await engine.whenIdle();
    expect(filesOf(again.counts())).toEqual({ done: 3 });
    expect([...fleet.stored.keys()].slice(0, 2)).toEqual(ids);
    expect(fleet.stored.size).toBe(3);
  });

  it('stands still and says so when the queue takes no more, while it sends as well', async () => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(50));
    const fleet = new FakeFleet();
    const full = new Error('the disk is full');
    const change = queue.change.bind(queue);
    vi.spyOn(queue, 'change').mockImplementation((changes) => {
      if (changes.some(({ state }) => state === 'uploading')) throw full;
      change(changes);
    });
    const faults: unknown[] = [];
    const engine = engineOn(queue, fleet, faults).engine;
    engine.start({ isPaused: false });
    await expect.poll(() => faults).toEqual([full]);
    await delay(100);
    expect([engine.status.isPaused, fleet.requests.length, faults.length]).toEqual([true, 0, 1]);
    expect(engine.status.holding).toMatchObject({ code: 'INTERNAL', message: 'Error: the disk is full' });
  });
});
