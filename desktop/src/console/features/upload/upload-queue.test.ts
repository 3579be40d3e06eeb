import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { FakeFleet, LOST, pngNamed, statesOf, until } from './testing/fake-fleet.ts';
import { UploadQueue } from './upload-queue.ts';

function start(fleet = new FakeFleet()): { fleet: FakeFleet; queue: UploadQueue } {
  return { fleet, queue: new UploadQueue(fleet.ports) };
}

/** Until nothing is left to do, with time that passes. */
async function finish(fleet: FakeFleet, queue: UploadQueue): Promise<void> {
  for (let turns = 0; turns < 200 && queue.hasWork; turns += 1) await fleet.advance(20);
  expect(queue.hasWork).toBe(false);
}

async function sending(fleet: FakeFleet, count: number): Promise<void> {
  for (let turns = 0; turns < 200 && fleet.sent.length < count; turns += 1) await fleet.advance(20);
  expect(fleet.sent).toHaveLength(count);
}

const names = (count: number): ReturnType<typeof pngNamed>[] =>
  Array.from({ length: count }, (_, index) => pngNamed(`${String(index)}.png`));

describe('the queue', () => {
  it('sends every file once and keeps its receipt', async () => {
    const { fleet, queue } = start();
    queue.add(names(20));
    await finish(fleet, queue);
    expect(new Set(statesOf(queue))).toEqual(new Set(['done']));
    expect(fleet.stored.size).toBe(20);
    expect(queue.item(1)?.image?.replicas).toHaveLength(2);
  });

  it('names images by the day of the server, not by that of the operator', async () => {
    const { fleet, queue } = start();
    fleet.nowMs = Date.UTC(2026, 2, 9, 12);
    fleet.clock = { at: Date.UTC(2026, 11, 31, 17), timeZone: 'Asia/Shanghai' };
    queue.add(names(1));
    await finish(fleet, queue);
    expect(fleet.sent[0]?.id).toMatch(/^2027\/1\/1\/[0-9a-f-]{36}$/);
  });

  it('does not send what the fleet has, and does when it is asked to', async () => {
    const { fleet, queue } = start();
    queue.add([pngNamed('a.png', 'same')]);
    await finish(fleet, queue);
    queue.add([pngNamed('b.png', 'same')]);
    await finish(fleet, queue);
    expect(statesOf(queue)).toEqual(['done', 'present']);
    expect(queue.item(2)?.image?.link).toBe(queue.item(1)?.image?.link);
    queue.sendAnyway(2);
    await finish(fleet, queue);
    expect(statesOf(queue)).toEqual(['done', 'done']);
    expect(fleet.stored.size).toBe(2);
  });

  it('sends one of several files with the same bytes', async () => {
    const { fleet, queue } = start();
    queue.add(['a.png', 'b.png', 'c.png'].map((name) => pngNamed(name, 'same')));
    await finish(fleet, queue);
    expect(statesOf(queue)).toEqual(['done', 'present', 'present']);
    expect(fleet.sent).toHaveLength(1);
  });

  it('sends another one of them when the first is cancelled', async () => {
    const { fleet, queue } = start();
    fleet.isHanging = true;
    queue.add(['a.png', 'b.png'].map((name) => pngNamed(name, 'same')));
    await sending(fleet, 1);
    fleet.isHanging = false;
    queue.cancel(1);
    await finish(fleet, queue);
    expect(statesOf(queue)).toEqual(['cancelled', 'done']);
  });

  it('asks for many hashes with few questions', async () => {
    const { fleet, queue } = start();
    queue.add(names(300));
    await finish(fleet, queue);
    expect(fleet.asked.length).toBeLessThan(10);
    expect(Math.max(...fleet.asked.map(({ length }) => length))).toBeLessThanOrEqual(500);
  });

  it('tells its listeners once for many changes', async () => {
    const { fleet, queue } = start();
    let told = 0;
    queue.subscribe(() => (told += 1));
    queue.add(names(50));
    await finish(fleet, queue);
    await fleet.advance(200);
    expect(told).toBe(1);
    expect(queue.view().tally).toMatchObject({ files: 50, openFiles: 0, openBytes: 0 });
  });
});

describe('after a failure', () => {
  it('tries again under the same id when the line is lost, and stores the image once', async () => {
    const { fleet, queue } = start();
    fleet.failures = [LOST, LOST];
    queue.add(names(1));
    await until(() => queue.item(1)?.failure !== null);
    expect(queue.item(1)).toMatchObject({ state: 'queued', attempts: 1, failure: { code: 'PEER_UNREACHABLE' } });
    await fleet.advance(10_000);
    await finish(fleet, queue);
    expect(queue.item(1)).toMatchObject({ state: 'done', attempts: 3, failure: null });
    expect(new Set(fleet.sent.map(({ id }) => id)).size).toBe(1);
    expect(fleet.stored.size).toBe(1);
  });

  it('holds all others while the line is lost, and says why', async () => {
    const { fleet, queue } = start();
    fleet.failures = [LOST, LOST, LOST, LOST];
    queue.add(names(30));
    await until(() => fleet.sent.length >= 1 && queue.view().holding === null);
    await fleet.advance(200);
    expect(queue.view().holding?.failure.code).toBe('PEER_UNREACHABLE');
    expect(fleet.sent.length).toBeLessThanOrEqual(4);
    await fleet.advance(120_000);
    await finish(fleet, queue);
    expect(fleet.stored.size).toBe(30);
    await fleet.advance(1000);
    expect(queue.view().holding).toBeNull();
  });

  it('goes on at once when it is woken', async () => {
    const { fleet, queue } = start();
    fleet.failures = [LOST];
    queue.add(names(1));
    await until(() => queue.item(1)?.failure !== null);
    queue.wake();
    await finish(fleet, queue);
    expect(queue.item(1)?.state).toBe('done');
  });

  it('asks again when a look-up fails', async () => {
    const { fleet, queue } = start();
    fleet.lookupFailures = [LOST];
    queue.add(names(3));
    await until(() => fleet.asked.length === 1);
    await fleet.advance(3000);
    await finish(fleet, queue);
    expect(statesOf(queue)).toEqual(['done', 'done', 'done']);
  });

  it('waits for the login when the session has ended', async () => {
    const { fleet, queue } = start();
    fleet.failures = [new FleetError('KEY_MISSING', 'who is there')];
    queue.add(names(1));
    await until(() => queue.item(1)?.failure !== null);
    expect(queue.item(1)?.state).toBe('queued');
    queue.wake();
    await finish(fleet, queue);
  });

  it('fails what cannot get better, goes on with the rest, and sends it again when asked to', async () => {
    const { fleet, queue } = start();
    fleet.failures = [new FleetError('NOT_AN_IMAGE', 'text')];
    queue.add(names(5));
    await finish(fleet, queue);
    expect(statesOf(queue).filter((state) => state === 'failed')).toHaveLength(1);
    const failed = [...queue.items()].find(({ state }) => state === 'failed');
    const id = failed?.id;
    queue.retryAll();
    await finish(fleet, queue);
    expect(queue.item(failed?.key ?? 0)).toMatchObject({ state: 'done', id });
  });

  it('gives up after some tries where the file or a proxy may be the cause', async () => {
    const { fleet, queue } = start();
    fleet.failures = Array.from({ length: 5 }, () => new FleetError('PEER_ANSWER_INVALID', '413'));
    queue.add(names(1));
    await until(() => queue.item(1)?.failure !== null);
    for (let round = 0; round < 10; round += 1) await fleet.advance(30_000);
    expect(queue.item(1)).toMatchObject({ state: 'failed', attempts: 5 });
  });

  it('takes a new id and a new hash when the bytes under the id are others', async () => {
    const { fleet, queue } = start();
    fleet.failures = [new FleetError('ID_TAKEN', 'other bytes')];
    queue.add(names(1));
    await finish(fleet, queue);
    queue.retry(1);
    await finish(fleet, queue);
    expect(queue.item(1)?.state).toBe('done');
    expect(fleet.sent[0]?.id).not.toBe(fleet.sent[1]?.id);
  });

  it('tells a file that cannot be read from a lost line', async () => {
    const { fleet, queue } = start();
    const [chosen] = names(1);
    if (chosen === undefined) throw new Error('no file');
    fleet.failures = [LOST];
    queue.add([chosen]);
    chosen.file.slice = () => {
      throw new DOMException('changed', 'NotReadableError');
    };
    await finish(fleet, queue);
    expect(queue.item(1)).toMatchObject({ state: 'failed', failure: { code: 'FILE_UNREADABLE' } });
  });
});

describe('by hand', () => {
  it('cancels a file while it is sent', async () => {
    const { fleet, queue } = start();
    fleet.isHanging = true;
    queue.add(names(1));
    await sending(fleet, 1);
    expect(queue.item(1)).toMatchObject({ state: 'uploading', sentBytes: 2 });
    queue.cancel(1);
    expect(fleet.sent[0]?.signal.aborted).toBe(true);
    await fleet.advance(60_000);
    expect(queue.item(1)).toMatchObject({ state: 'cancelled', failure: null });
    expect(fleet.sent).toHaveLength(1);
  });

  it('pauses everything and goes on under the same ids', async () => {
    const { fleet, queue } = start();
    fleet.isHanging = true;
    queue.add(names(10));
    await sending(fleet, 4);
    queue.pause();
    await fleet.advance(60_000);
    expect(statesOf(queue).every((state) => state === 'queued')).toBe(true);
    expect(queue.view()).toMatchObject({ isPaused: true, bytesPerSecond: null });
    expect(fleet.sent).toHaveLength(4);
    fleet.isHanging = false;
    queue.resume();
    await finish(fleet, queue);
    const ids = fleet.sent.map(({ id }) => id);
    expect(ids.slice(4, 8)).toEqual(ids.slice(0, 4));
    expect(fleet.stored.size).toBe(10);
  });

  it('pauses one file while the others go on', async () => {
    const { fleet, queue } = start();
    fleet.isHanging = true;
    queue.add(names(5));
    await sending(fleet, 4);
    queue.pauseOne(1);
    await sending(fleet, 5);
    expect(statesOf(queue)[0]).toBe('paused');
    expect(queue.hasWork).toBe(true);
    fleet.isHanging = false;
    queue.cancelAll();
    queue.retry(1);
    await finish(fleet, queue);
    expect(statesOf(queue)).toEqual(['done', 'cancelled', 'cancelled', 'cancelled', 'cancelled']);
  });

  it('cancels everything that is left, and nothing that is done', async () => {
    const { fleet, queue } = start();
    queue.add(names(2));
    await finish(fleet, queue);
    fleet.isHanging = true;
    queue.add([pngNamed('x.png'), pngNamed('y.png')]);
    await sending(fleet, 4);
    queue.cancelAll();
    expect(statesOf(queue)).toEqual(['done', 'done', 'cancelled', 'cancelled']);
    queue.clear();
    expect(statesOf(queue)).toEqual([]);
  });

  it('shows each copy as events tell of it', async () => {
    const { fleet, queue } = start();
    queue.add(names(1));
    await finish(fleet, queue);
    const path = queue.item(1)?.image?.path ?? '';
    queue.noteReplica(path, { server: 's2', state: 'stored' });
    expect(queue.item(1)?.image?.replicas.map(({ state }) => state)).toEqual(['stored', 'stored']);
  });
});
