import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DirectorySync } from './directory-sync.ts';

/** fsyncs that end when the test says so. */
function controlled() {
  const running: { readonly folder: string; readonly end: (error?: Error) => void }[] = [];
  let started = 0;
  const sync = new DirectorySync((folder) => {
    started += 1;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    running.push({ folder, end: (error) => (error === undefined ? resolve(undefined) : reject(error)) });
    return promise;
  });
  return { sync, running, started: () => started };
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await turn();
  return settled;
}

it('lets who arrives while an fsync runs wait for the next one, and all of them share it', async () => {
  const { sync, running, started } = controlled();
  const first = sync.sync('/a');
  const late = [sync.sync('/a'), sync.sync('/a'), sync.sync('/a')];
  expect(started()).toBe(1);
  running.shift()?.end();
  await first;
  expect(await isSettled(Promise.any(late))).toBe(false);
  expect(started()).toBe(2);
  running.shift()?.end();
  await Promise.all(late);
  expect(started()).toBe(2);
});

it('starts at once for another folder, and again when nothing runs', async () => {
  const { sync, running, started } = controlled();
  const a = sync.sync('/a');
  const b = sync.sync('/b');
  expect(running.map(({ folder }) => folder)).toEqual(['/a', '/b']);
  for (const { end } of running.splice(0)) end();
  await Promise.all([a, b]);
  const again = sync.sync('/a');
  expect(started()).toBe(3);
  running.shift()?.end();
  await again;
});

it('tells a failure to those who waited for that fsync only', async () => {
  const { sync, running } = controlled();
  const first = sync.sync('/a');
  const second = sync.sync('/a');
  running.shift()?.end(new Error('EIO'));
  await expect(first).rejects.toThrow('EIO');
  await turn();
  running.shift()?.end();
  await second;
});

it('is idle when the last waiting fsync has ended', async () => {
  const { sync, running } = controlled();
  const all = [sync.sync('/a'), sync.sync('/a')];
  const idle = sync.idle();
  running.shift()?.end();
  expect(await isSettled(idle)).toBe(false);
  running.shift()?.end();
  await Promise.all([...all, idle]);
  expect(await isSettled(sync.idle())).toBe(true);
});
