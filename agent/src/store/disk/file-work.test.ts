import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ownedText, smallFilesContract } from '../testing/small-files-contract.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { DirectorySync } from './directory-sync.ts';
import { FileWork } from './file-work.ts';
import { syncFolder } from './synced-file.ts';

smallFilesContract(() => Promise.resolve(new FileWork(new DirectorySync(syncFolder))));

it('tells a folder that cannot be synced, after the rename', async () => {
  const folder = await tempFolder();
  const files = new FileWork(new DirectorySync(() => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }))));
  await files.write(join(folder, 'a'), ownedText('x'));
  await expect(files.rename(join(folder, 'a'), join(folder, 'b'))).rejects.toMatchObject({ code: 'IO_FAILED' });
  expect(await readdir(folder)).toEqual(['b']);
});
