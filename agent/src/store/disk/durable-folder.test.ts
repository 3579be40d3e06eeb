import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { makeDurableFolder } from './durable-folder.ts';

async function syncedFor(folder: string): Promise<readonly string[]> {
  const synced: string[] = [];
  await makeDurableFolder(folder, async (at) => void synced.push(at));
  expect((await stat(folder)).isDirectory()).toBe(true);
  return synced;
}

it('syncs the name of every folder that it makes', async () => {
  const root = await tempFolder();
  expect(await syncedFor(join(root, 'data/images'))).toEqual([join(root, 'data'), root]);
});

it('syncs the name of a folder that was there, which its maker may not have done', async () => {
  const root = await tempFolder();
  await makeDurableFolder(join(root, 'data/images'));
  expect(await syncedFor(join(root, 'data/images'))).toEqual([join(root, 'data')]);
});

it('takes a folder in a parent that it may not read, and fails when the disk does', async () => {
  const root = await tempFolder();
  const failing = (code: string) => async () => {
    throw Object.assign(new Error(code), { code });
  };
  await expect(makeDurableFolder(root, failing('EACCES'))).resolves.toBeUndefined();
  await expect(makeDurableFolder(root, failing('EIO'))).rejects.toThrow('EIO');
});

it('says what is in the way', async () => {
  const root = await tempFolder();
  const file = join(root, 'file');
  await writeFile(file, '');
  for (const folder of [file, join(file, 'data')]) {
    const refusal = { code: 'CFG_INVALID', message: `${folder} cannot be a folder: a file is in its place.` };
    await expect(makeDurableFolder(folder)).rejects.toMatchObject(refusal);
  }
});
