import { describe, expect, it } from 'vitest';
import { PathLocks } from './path-locks.ts';

describe('path locks', () => {
  it('let one writer of a path in at a time, in the order of their coming', async () => {
    const locks = new PathLocks();
    const events: string[] = [];
    const work = (name: string, keys: string[]) =>
      locks.run(keys, async () => {
        events.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        events.push(`${name} out`);
      });
    await Promise.all([work('a', ['x']), work('b', ['x', 'x']), work('c', ['x'])]);
    expect(events).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(locks.size).toBe(0);
  });

  it('let writers of different paths in together, and never lock two in a circle', async () => {
    const locks = new PathLocks();
    let inside = 0;
    let most = 0;
    const work = (keys: string[]) =>
      locks.run(keys, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 1));
        inside -= 1;
      });
    await Promise.all([work(['a']), work(['b'])]);
    expect(most).toBe(2);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => work(index % 2 === 0 ? ['a', 'b', 'c'] : ['c', 'b', 'a'])),
    );
    expect(locks.size).toBe(0);
  });

  it('are given back when the work fails', async () => {
    const locks = new PathLocks();
    await expect(locks.run(['a'], () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await locks.run(['a'], () => Promise.resolve('free'))).toBe('free');
  });

  it('refuse a line that is too long, and keep nothing of who was refused', async () => {
    const locks = new PathLocks();
    const end = Promise.withResolvers<undefined>();
    const running = Array.from({ length: 100 }, () => locks.run(['a'], () => end.promise));
    await expect(locks.run(['0', 'a'], () => Promise.resolve())).rejects.toMatchObject({ code: 'PATH_BUSY' });
    end.resolve(undefined);
    await Promise.all(running);
    expect(locks.size).toBe(0);
  });
});
