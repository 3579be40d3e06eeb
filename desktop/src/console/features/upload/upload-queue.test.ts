import { describe, expect, it } from 'vitest';
import { LOST, pngNamed, statesOf, until } from './testing/fake-fleet.ts';
import { finish, names, sending, start } from './testing/queue-driver.ts';

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

  it.each(['cancel', 'pauseOne'] as const)(
    'asks the fleet again for the same bytes when the first of them was broken off (%s)',
    async (breakOff) => {
      const { fleet, queue } = start();
      fleet.isHanging = true;
      queue.add([pngNamed('a.png', 'same'), pngNamed('b.png', 'same')]);
      await until(() => fleet.sent.length === 1);
      const [first] = [...queue.items()];
      // They had arrived when it was broken off.
      fleet.isHanging = false;
      const [sent] = fleet.sent;
      if (sent !== undefined) await fleet.ports.upload({ ...sent, onProgress: () => undefined });
      queue[breakOff](first?.key ?? 0);
      await fleet.advance(10_000);
      await until(() => statesOf(queue)[1] === 'present');
      expect(fleet.stored.size).toBe(1);
    },
  );

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

describe('files of a folder', () => {
  it('are in the list before they are opened', async () => {
    const { fleet, queue } = start();
    const { file } = pngNamed('a.png');
    queue.add([{ path: 'folder/a.png', open: async () => file }]);
    expect(queue.item(1)).toMatchObject({ name: 'a.png', file: null, sizeBytes: 0 });
    await finish(fleet, queue);
    expect(queue.item(1)).toMatchObject({ state: 'done', sizeBytes: file.size });
    expect(fleet.sent[0]?.name).toBe('a.png');
  });

  it('fail one by one where they cannot be opened, and are opened anew when asked to', async () => {
    const { fleet, queue } = start();
    const { file } = pngNamed('a.png');
    let isLocked = true;
    queue.add([
      {
        path: 'a.png',
        open: async () => {
          if (isLocked) throw new Error('locked');
          return file;
        },
      },
      pngNamed('b.png'),
    ]);
    await finish(fleet, queue);
    expect(queue.item(1)?.failure?.code).toBe('FILE_UNREADABLE');
    expect(statesOf(queue)).toEqual(['failed', 'done']);
    isLocked = false;
    queue.retryAll();
    await finish(fleet, queue);
    expect(statesOf(queue)).toEqual(['done', 'done']);
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

  it('leaves nothing of a try behind when everything is cancelled', async () => {
    const { fleet, queue } = start();
    fleet.failures = [LOST];
    queue.add(names(1));
    await until(() => queue.item(1)?.retryAt !== null);
    queue.cancelAll();
    expect(queue.item(1)).toMatchObject({ state: 'cancelled', retryAt: null });
    fleet.isHanging = true;
    queue.add([pngNamed('x.png')]);
    await sending(fleet, 2);
    expect(queue.item(2)?.sentBytes).toBeGreaterThan(0);
    queue.cancelAll();
    expect(queue.item(2)).toMatchObject({ state: 'cancelled', sentBytes: 0 });
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
