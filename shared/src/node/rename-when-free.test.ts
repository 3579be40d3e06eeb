import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { onceFree, renameWhenFree } from './rename-when-free.ts';

/** Fails with each code once, then works; counts its calls. */
function failing(...codes: readonly string[]) {
  const work = async (): Promise<string> => {
    await Promise.resolve();
    const code = codes[work.calls++];
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    return 'done';
  };
  work.calls = 0;
  return work;
}

it('tries again on Windows while somebody has the file open', async () => {
  const work = failing('EPERM', 'EACCES', 'EBUSY');
  expect(await onceFree(work, 'win32')).toBe('done');
  expect(work.calls).toBe(4);
});

it('hands on any other failure at once, and on other systems every one', async () => {
  const [missing, refused] = [failing('ENOENT'), failing('EPERM')];
  await expect(onceFree(missing, 'win32')).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(onceFree(refused, 'linux')).rejects.toMatchObject({ code: 'EPERM' });
  expect([missing.calls, refused.calls]).toEqual([1, 1]);
});

it('gives up when the file stays open for more than a second', async () => {
  const work = failing(...Array<string>(20).fill('EBUSY'));
  await expect(onceFree(work, 'win32')).rejects.toMatchObject({ code: 'EBUSY' });
  expect(work.calls).toBe(8);
});

it('renames', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  await writeFile(join(dir, 'a'), '');
  await renameWhenFree(join(dir, 'a'), join(dir, 'b'));
  expect(await readdir(dir)).toEqual(['b']);
  await rm(dir, { recursive: true });
});
