import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { keepFile, type KeepFileSystem } from './keep-file.ts';

const noLinks = (): Promise<never> => Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }));

describe('keeping a file where the file system has no hard links', () => {
  let folder: string;
  let names: { from: string; to: string; spare: string };
  /** What was synced, with what its name for good was at that moment. */
  let synced: string[];
  let system: KeepFileSystem;

  beforeEach(async () => {
    folder = await tempFolder();
    names = { from: join(folder, 'image'), to: join(folder, 'kept'), spare: join(folder, 'spare') };
    synced = [];
    await writeFile(names.from, 'old bytes');
    system = {
      link: noLinks,
      sync: async (file) => void synced.push(`${await readFile(file, 'utf8')} ${(await readdir(folder)).join(' ')}`),
    };
  });

  it('syncs the copy before it has its name, and long before the original is overwritten', async () => {
    expect(await keepFile(names, system)).toBe(true);
    expect(synced).toEqual(['old bytes image spare']);
    expect(await readFile(names.to, 'utf8')).toBe('old bytes');
    expect(await readdir(folder)).toEqual(['image', 'kept']);
  });

  it('leaves alone what an earlier try has kept: the original may be another by now', async () => {
    await keepFile(names, system);
    await writeFile(names.from, 'new bytes');
    expect(await keepFile(names, system)).toBe(true);
    expect(await readFile(names.to, 'utf8')).toBe('old bytes');
    expect(synced).toHaveLength(1);
  });

  it('keeps nothing under the name when the copy could not be synced', async () => {
    const failure = Object.assign(new Error('the disk failed'), { code: 'EIO' });
    await expect(keepFile(names, { link: noLinks, sync: () => Promise.reject(failure) })).rejects.toBe(failure);
    expect(await readdir(folder)).toEqual(['image']);
  });

  it('says that there is nothing to keep', async () => {
    expect(await keepFile({ ...names, from: join(folder, 'none') }, system)).toBe(false);
    expect(await readdir(folder)).toEqual(['image']);
  });
});
