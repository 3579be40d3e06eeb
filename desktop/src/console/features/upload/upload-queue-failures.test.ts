import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { LOST, statesOf, until } from './testing/fake-fleet.ts';
import { finish, names, sending, start } from './testing/queue-driver.ts';

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

  it('spends no try while nobody is logged in, and goes on where it was', async () => {
    const { fleet, queue } = start();
    fleet.isHanging = true;
    queue.add(names(6));
    await sending(fleet, 4);
    queue.suspend();
    expect(fleet.sent.every(({ signal }) => signal.aborted)).toBe(true);
    const attempts = [...queue.items()].map((item) => item.attempts);
    queue.wake();
    await fleet.advance(600_000);
    expect([fleet.sent.length, queue.view().isPaused]).toEqual([4, false]);
    expect([...queue.items()].map((item) => item.attempts)).toEqual(attempts);
    fleet.isHanging = false;
    queue.goOn();
    await finish(fleet, queue);
    expect(fleet.stored.size).toBe(6);
    expect(new Set(fleet.sent.map(({ id }) => id)).size).toBe(6);
  });

  it('stays paused by hand over a new login', async () => {
    const { fleet, queue } = start();
    queue.pause();
    queue.add(names(1));
    queue.suspend();
    queue.goOn();
    await fleet.advance(60_000);
    expect([fleet.sent.length, queue.view().isPaused]).toEqual([0, true]);
    queue.resume();
    await finish(fleet, queue);
  });

  it.each([
    ['by the id that it had', 'ROLE_MISSING', true],
    ['as other bytes, when only others can be taken', 'NOT_AN_IMAGE', false],
  ] as const)(
    'fails what cannot get better, goes on with the rest, and sends it again: %s',
    async (_, code, isSame) => {
      const { fleet, queue } = start();
      fleet.failures = [new FleetError(code, 'text')];
      queue.add(names(5));
      await finish(fleet, queue);
      expect(statesOf(queue).filter((state) => state === 'failed')).toHaveLength(1);
      const failed = [...queue.items()].find(({ state }) => state === 'failed');
      queue.retryAll();
      await finish(fleet, queue);
      const again = queue.item(failed?.key ?? 0);
      expect([again?.state, again?.id === failed?.id]).toEqual(['done', isSame]);
    },
  );

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
