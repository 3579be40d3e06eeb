import { expect, it } from 'vitest';
import { foundFile, foundFiles, IMAGE, OTHER_SHA, queueOnDisk, SHA } from '#engine/testing/queue-builders.ts';
import { ImageNames } from './image-names.ts';
import { readQueueHistory } from './queue-history.ts';

const { signal } = new AbortController();

it('knows the files that wait, and none that has ended', async () => {
  const { queue } = queueOnDisk();
  queue.add(foundFiles(5));
  queue.change([
    { key: 1, state: 'paused' },
    { key: 2, state: 'inDoubt' },
    { key: 3, state: 'failed' },
    { key: 4, state: 'done', sha256: SHA, image: IMAGE },
  ]);
  const history = await readQueueHistory(queue, { signal });
  const isQueued = foundFiles(6).map(({ file }) => history.isQueued(file));
  expect(isQueued).toEqual([true, true, false, false, true, false]);
  expect([history.files, history.isWhole]).toEqual([5, true]);
});

it('knows the names of what came to the fleet, with the bytes they had', async () => {
  const { queue } = queueOnDisk();
  queue.add([1, 2, 3].map((number) => foundFile(number)));
  queue.change([
    { key: 1, state: 'done', sha256: SHA, image: IMAGE },
    { key: 2, state: 'present', sha256: SHA, image: IMAGE },
    { key: 3, state: 'failed', sha256: SHA },
  ]);
  const { names } = await readQueueHistory(queue, { signal });
  const hasOther = (name: string, sha256: string): boolean => names.hasOther({ file: `/elsewhere/${name}`, sha256 });
  expect([hasOther('1.png', OTHER_SHA), hasOther('2.png', OTHER_SHA)]).toEqual([true, true]);
  expect([hasOther('1.png', SHA), hasOther('3.png', OTHER_SHA)]).toEqual([false, false]);
});

it('keeps a bounded part of a long queue, and says so', async () => {
  const { queue } = queueOnDisk();
  queue.add(foundFiles(12));
  const history = await readQueueHistory(queue, { signal, maxFiles: 10 });
  expect([history.files, history.isWhole]).toEqual([12, false]);
  expect((await readQueueHistory(queue, { signal, maxFiles: 12 })).isWhole).toBe(true);
});

it('a name that had several contents has others than any of them', () => {
  const names = new ImageNames(2);
  names.add({ file: '/a/x.png', sha256: SHA });
  names.add({ file: '/b/x.png', sha256: SHA });
  expect(names.hasOther({ file: 'x.png', sha256: SHA })).toBe(false);
  names.add({ file: '/c/x.png', sha256: OTHER_SHA });
  expect(names.hasOther({ file: 'x.png', sha256: SHA })).toBe(true);
  expect(names.hasOther({ file: 'x.png', sha256: OTHER_SHA })).toBe(true);
  names.add({ file: 'y.png', sha256: SHA });
  expect(names.isWhole).toBe(true);
  names.add({ file: 'z.png', sha256: SHA });
  expect([names.isWhole, names.hasOther({ file: 'z.png', sha256: OTHER_SHA })]).toEqual([false, false]);
});
