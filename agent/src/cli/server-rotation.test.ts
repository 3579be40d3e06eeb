import { describe, expect, it } from 'vitest';
import { ServerRotation } from './server-rotation.ts';

const never = new AbortController().signal;

describe('the rotation of servers', () => {
  it('stays with a server until that one fails, and comes back around', () => {
    const rotation = new ServerRotation(['a', 'b'], () => 0);
    expect(rotation.current()).toBe('a');
    rotation.report('a', undefined);
    expect(rotation.current()).toBe('b');
    rotation.report('b', undefined);
    expect(rotation.current()).toBe('a');
  });

  it('moves on once when several workers report the same failure', () => {
    const rotation = new ServerRotation(['a', 'b', 'c'], () => 0);
    rotation.report('a', undefined);
    rotation.report('a', undefined);
    expect(rotation.current()).toBe('b');
  });

  it('passes over a server that asked to wait', async () => {
    let now = 0;
    const rotation = new ServerRotation(['a', 'b'], () => now);
    rotation.report('a', 5000);
    rotation.report('b', undefined);
    await rotation.untilOpen(never);
    expect(rotation.current()).toBe('b');
    now = 5000;
    rotation.report('b', undefined);
    await rotation.untilOpen(never);
    expect(rotation.current()).toBe('a');
  });

  it('waits when every server asked to, and lets itself be stopped', async () => {
    const rotation = new ServerRotation(['a'], () => 0);
    rotation.report('a', 3_600_000);
    await expect(rotation.untilOpen(AbortSignal.timeout(5))).rejects.toMatchObject({ name: 'AbortError' });
    rotation.report('a', 5);
    await rotation.untilOpen(never);
  });
});
