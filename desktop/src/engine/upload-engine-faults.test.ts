import type { ItemState } from '#bridge/engine-words.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { seededRandom } from '@imagefleet/shared/testing/generated-images.ts';
import { engineOn, filesOf } from './testing/engine-on.ts';
import { FakeFleet } from './testing/fake-fleet.ts';
import { foundFile, foundFiles, queueOnDisk } from './testing/queue-builders.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

function start(count: number) {
  const { queue } = queueOnDisk();
  const fleet = new FakeFleet();
  queue.add(foundFiles(count));
  const faults: unknown[] = [];
  const made = engineOn(queue, fleet, faults);
  return { queue, fleet, faults, ...made };
}

describe('the engine when something goes wrong', () => {
  it.each(['hashing', 'uploading', 'done'] as const)(
    'stands still when the disk is full as files become %s, blames no server, and goes on when there is room',
    async (state: ItemState) => {
      const { queue, fleet, faults, engine, target } = start(600);
      const change = queue.change.bind(queue);
      let isFull = true;
      vi.spyOn(queue, 'change').mockImplementation((changes) => {
        const isMet = changes.some((one) => one.state === state || (isFull && faults.length > 0));
        if (isFull && isMet) throw new FleetError('DISK_FULL', 'the disk is full');
        change(changes);
      });
      engine.start({ isPaused: false });
      await expect.poll(() => faults.length).toBeGreaterThan(0);
      await engine.pause();
      expect(engine.status).toMatchObject({ isPaused: true, holding: { code: 'DISK_FULL' }, bytesUnderWay: 0 });
      expect(target.view().map(({ error }) => error)).toEqual([undefined, undefined]);
      isFull = false;
      engine.resume();
      await engine.whenIdle();
      expect(filesOf(queue.counts())).toEqual({ done: 600 });
      expect(fleet.stored.size).toBe(600);
    },
  );

  it('rests while every request that may run runs', async () => {
    const { fleet, engine, changes } = start(600);
    fleet.requestMs = 1000;
    engine.start({ isPaused: false });
    await expect.poll(() => fleet.requests.length).toBe(4);
    await delay(50);
    const before = changes.count;
    await delay(400);
    expect(changes.count - before).toBeLessThan(3);
  });

  it('asks and sends nothing any more once it is paused, also when a server hangs', async () => {
    const { queue, fleet, engine } = start(1500);
    fleet.lookupMs = 60_000;
    engine.start({ isPaused: false });
    await expect.poll(() => fleet.lookups.length).toBe(1);
    await engine.pause();
    await delay(50);
    expect([fleet.lookups.length, fleet.requests.length]).toEqual([1, 0]);
    expect(filesOf(queue.counts())).toEqual({ queued: 1500 });
    expect(queue.page({ limit: 300 }).items.every(({ attempts }) => attempts === 0)).toBe(true);
  });

  it('stores bytes once that several files have, also when the server dies that took the first of them', async () => {
    const { queue, fleet, engine, target } = start(3);
    for (const key of [1, 2, 3]) fleet.contents.set(foundFile(key).file, 'same');
    fleet.isShared = false;
    const first = target.current() ?? '';
    fleet.mute.add(first);
    engine.start({ isPaused: false });
    await expect.poll(() => fleet.stored.size).toBe(1);
    fleet.dead.add(first);
    await engine.whenIdle();
    const { done = 0, present = 0 } = filesOf(queue.counts());
    expect([done + present, fleet.stored.size]).toEqual([3, 1]);
  });

  it('says of what it sent itself that it is done, also when the answer was lost', async () => {
    const { queue, fleet, engine, target } = start(1);
    fleet.mute.add(target.current() ?? '');
    engine.start({ isPaused: false });
    await engine.whenIdle();
    expect([filesOf(queue.counts()), fleet.stored.size]).toEqual([{ done: 1 }, 1]);
  });

  it('gives up a file that breaks every server, and takes the others there', async () => {
    const { queue, fleet, engine } = start(40);
    fleet.breaking.add(foundFile(7).file);
    engine.start({ isPaused: false });
    await expect.poll(() => filesOf(queue.counts()), { timeout: 15_000 }).toEqual({ done: 39, failed: 1 });
    expect(queue.page({ state: 'failed', limit: 1 }).items).toMatchObject([
      { path: 'album/7.png', failure: { code: 'INTERNAL' } },
    ]);
  });

  it(`ends with everything done once, however it is paused and resumed (SEED=${String(SEED)})`, async () => {
    const { queue, fleet, engine } = start(1200);
    const random = seededRandom(SEED);
    fleet.requestMs = 5;
    fleet.lookupMs = 5;
    engine.start({ isPaused: false });
    for (let turn = 0; turn < 60; turn += 1) {
      const pausing = engine.pause();
      if (random() < 0.5) await pausing;
      if (random() < 0.5) await delay(random() * 5);
      engine.resume();
      await delay(random() * 10);
    }
    await engine.whenIdle();
    const { done = 0, present = 0, ...others } = filesOf(queue.counts());
    expect([done + present, others, fleet.stored.size]).toEqual([1200, {}, 1200]);
  });
});
