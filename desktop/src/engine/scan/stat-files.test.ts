import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { reasonOf, statFiles } from './stat-files.ts';

const signal = new AbortController().signal;

it('answers in the order of the files, whichever look ended first', async () => {
  const folder = tempFolder();
  const files = Array.from({ length: 40 }, (_unused, index) => join(folder, String(index)));
  files.forEach((file, index) => index % 3 !== 0 && writeFileSync(file, 'x'.repeat(index)));
  mkdirSync(files[0] ?? '');
  const looks = await statFiles(files, { concurrency: 7, signal });
  expect(looks).toHaveLength(40);
  expect(looks[0]?.stats?.isDirectory()).toBe(true);
  looks.slice(1).forEach((seen, index) => expect(seen.stats?.size).toBe((index + 1) % 3 === 0 ? undefined : index + 1));
});

it('looks at no more once it is aborted', async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  let looks = 0;
  const files = new Proxy(
    Array.from({ length: 100 }, () => '/'),
    {
      get: (target, name) => {
        if (name !== 'length' && (looks += 1) === 20) controller.abort(reason);
        return Reflect.get(target, name) as unknown;
      },
    },
  );
  await expect(statFiles(files, { concurrency: 3, signal: controller.signal })).rejects.toBe(reason);
  expect(looks).toBe(20);
});

it.each([
  ['EACCES', '/a.png', 'unreadable'],
  ['EIO', '/\uFFFD.png', 'unreadable'],
  ['ENOENT', '/a.png', 'vanished'],
  ['ENOTDIR', '/a.png', 'vanished'],
  ['ENOENT', '/\uFFFD.png', 'badName'],
  ['ENOENT', '/\uD800.png', 'badName'],
  ['ELOOP', '/a.png', 'loop'],
])('takes %s of %s for %s', (code, file, reason) => {
  expect(reasonOf(Object.assign(new Error(code), { code }), file)).toBe(reason);
});
