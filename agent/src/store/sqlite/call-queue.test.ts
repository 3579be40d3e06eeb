import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { CallQueue } from './call-queue.ts';
import type { Call, Reply } from '../threads/thread-protocol.ts';
import type { Cursor, Slice } from './protocol.ts';

/** A queue whose transactions are written down: `begin`, what ran inside, `commit` or `rollback`. */
function recorded() {
  const log: string[] = [];
  const replies: Reply[] = [];
  const whole = {
    settle: (name: unknown): string => {
      log.push(String(name));
      if (name === 'bad') throw new FleetError('IO_FAILED', 'bad');
      return `${String(name)} done`;
    },
  };
  const sliced = {
    requeue: (cursor: Cursor | null): Slice<number> => {
      const at = Number(cursor ?? 0);
      log.push(`slice ${String(at)}`);
      return { items: [at], next: at < 2 ? at + 1 : null };
    },
  };
  const transact = <T>(work: () => T): T => {
    log.push('begin');
    try {
      const result = work();
      log.push('commit');
      return result;
    } catch (error) {
      log.push('rollback');
      throw error;
    }
  };
  const translate = (error: unknown): FleetError => error as FleetError;
  const reply = (some: readonly Reply[]): void => {
    log.push(`reply ${some.map(({ id }) => id).join(',')}`);
    replies.push(...some);
  };
  return { log, replies, queue: new CallQueue({ handlers: { whole, sliced }, transact, translate, reply }) };
}

let nextId = 0;
function call(method: 'settle' | 'requeue', ...args: readonly unknown[]): Call {
  return { id: nextId++, method, args };
}

describe('a queue of calls', () => {
  it('takes what waits into one transaction and answers after its commit', async () => {
    const { log, queue } = recorded();
    nextId = 0;
    queue.add([call('settle', 'a')]);
    queue.add([call('settle', 'b'), call('settle', 'c')]);
    await turn();
    expect(log).toEqual(['begin', 'a', 'b', 'c', 'commit', 'reply 0,1,2']);
  });

  it('bounds how many share a transaction', async () => {
    const { log, queue } = recorded();
    queue.add(Array.from({ length: 300 }, () => call('settle', 'x')));
    const idle = Promise.withResolvers<undefined>();
    queue.whenIdle(() => idle.resolve(undefined));
    await idle.promise;
    expect(log.filter((entry) => entry === 'commit')).toHaveLength(2);
    expect(log.filter((entry) => entry === 'x')).toHaveLength(300);
  });

  it('gives each its own transaction when one of them fails', async () => {
    const { log, queue, replies } = recorded();
    nextId = 0;
    queue.add([call('settle', 'a'), call('settle', 'bad'), call('settle', 'c')]);
    await turn();
    const together = ['begin', 'a', 'bad', 'rollback'];
    const alone = ['begin', 'a', 'commit', 'begin', 'bad', 'rollback', 'begin', 'c', 'commit'];
    expect(log).toEqual([...together, ...alone, 'reply 0,1,2']);
    expect(replies).toMatchObject([{ value: 'a done' }, { error: { code: 'IO_FAILED' } }, { value: 'c done' }]);
  });

  it('lets others in between the slices of a long call', async () => {
    const { log, queue, replies } = recorded();
    nextId = 0;
    queue.add([call('requeue')]);
    await turn();
    queue.add([call('settle', 'a')]);
    await turn();
    await turn();
    expect(log.filter((entry) => !/begin|commit/.test(entry))).toEqual([
      ...['slice 0', 'reply 0', 'slice 1', 'a', 'reply 0,1', 'slice 2', 'reply 0'],
    ]);
    expect(replies).toEqual([
      { id: 0, part: [0] },
      { id: 0, part: [1] },
      { id: 1, value: 'a done' },
      { id: 0, value: [2] },
    ]);
  });

  it('answers a call that it does not know with an error', async () => {
    const { queue, replies } = recorded();
    queue.add([{ id: 7, method: 'find', args: [] }]);
    await turn();
    expect(replies).toMatchObject([{ id: 7, error: {} }]);
  });
});
