import { link, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DiskImageStore, type DiskImageStoreOptions } from './disk-image-store.ts';
import { chunksOf, contentOf, imageStoreContract, pathOf } from './testing/image-store-contract.ts';
import { tempFolder } from './testing/temp-folder.ts';

const MAX = { maxBytes: 1_000_000 };

function storeIn(folder: string, more: Partial<DiskImageStoreOptions> = {}): DiskImageStore {
  const [imagesDir, tmpDir, trashDir] = ['images', 'tmp', 'trash'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  return new DiskImageStore({ imagesDir, tmpDir, trashDir, ...more });
}

async function started(more: Partial<DiskImageStoreOptions> = {}) {
  const folder = await tempFolder();
  const store = storeIn(folder, more);
  await store.start(new Set());
  const put = async (name: string, content: string): Promise<void> => {
    const { stagingName } = await store.stage(chunksOf(Buffer.from(content)), MAX);
    await store.publish(stagingName, pathOf(name));
  };
  return { folder, store, put };
}

async function otherFileSystem(folder: string): Promise<string | undefined> {
  const shared = await stat('/dev/shm').catch(() => undefined);
  return shared !== undefined && shared.dev !== (await stat(folder)).dev ? '/dev/shm' : undefined;
}

describe('a store on the disk', () => {
  imageStoreContract({ make: (folder) => storeIn(folder), stagedNames: (folder) => readdir(join(folder, 'tmp')) });

  it('lays images out as plain files below their folder', async () => {
    const { folder, put } = await started();
    await put('2025/11/23/x.png', 'bytes');
    expect(await readFile(join(folder, 'images/2025/11/23/x.png'), 'utf8')).toBe('bytes');
    expect(await readdir(join(folder, 'images'))).toEqual(['2025']);
  });

  it('puts old bytes into the trash as a file of their own', async () => {
    const { folder, store, put } = await started();
    await put('logo.png', 'old');
    await store.keepOld(pathOf('logo.png'), 'logo-1');
    await put('logo.png', 'new');
    expect(await readFile(join(folder, 'trash/logo-1'), 'utf8')).toBe('old');
  });

  it('makes a folder again that somebody removed under its feet', async () => {
    const { folder, store, put } = await started();
    await put('a/b/1.png', 'one');
    await rm(join(folder, 'images/a'), { recursive: true });
    await put('a/b/2.png', 'two');
    expect(String(await contentOf(store, pathOf('a/b/2.png')))).toBe('two');
  });

  it('refuses a path below a file and a file in the place of a folder', async () => {
    const { put } = await started();
    await put('a/b.png', 'file');
    await expect(put('a/b.png/c.png', 'below')).rejects.toMatchObject({ code: 'PATH_TAKEN' });
    await expect(put('a', 'instead')).rejects.toMatchObject({ code: 'PATH_TAKEN' });
  });

  it.each(['../outside.png', 'a/../../outside.png', '/etc/passwd', '.', ''])(
    'never leaves its folder, whoever let the path %j through',
    async (name) => {
      const { store } = await started();
      const { stagingName } = await store.stage(chunksOf(Buffer.from('x')), MAX);
      await expect(store.publish(stagingName, pathOf(name))).rejects.toMatchObject({ code: 'PATH_INVALID' });
      await expect(store.keepOld(pathOf('x.png'), '../outside')).rejects.toMatchObject({ code: 'PATH_INVALID' });
      await expect(store.open(pathOf(name))).rejects.toMatchObject({ code: 'PATH_INVALID' });
    },
  );

  it('takes no staging name that it did not make', async () => {
    const { store } = await started();
    await expect(store.discard('../images/a.png')).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(store.publish('x', pathOf('a.png'))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('removes only its own kind of file from the tmp area', async () => {
    const { folder, store } = await started();
    await writeFile(join(folder, 'tmp/precious.txt'), '');
    await mkdir(join(folder, 'tmp/0123456789ab-1.part.d'));
    await store.stage(chunksOf(Buffer.from('left')), MAX);
    await storeIn(folder).start(new Set());
    expect(await readdir(join(folder, 'tmp'))).toEqual(['0123456789ab-1.part.d', 'precious.txt']);
  });

  it('refuses new bytes below the floor of free space before it reads them', async () => {
    const { store } = await started({ freeSpaceFloorBytes: Number.MAX_SAFE_INTEGER });
    let isRead = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      isRead = true;
      yield* chunksOf(Buffer.from('x'));
    }
    await expect(store.stage(source(), MAX)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(isRead).toBe(false);
  });

  it('asks the disk for its free space at most once a second', async () => {
    let now = 0;
    const { store } = await started({ now: () => now });
    const first = store.space();
    now = 999;
    expect(store.space()).toBe(first);
    now = 1000;
    expect(store.space()).not.toBe(first);
    await Promise.all([first, store.space()]);
  });

  it('tells two names of one file from two files', async () => {
    const { folder, store, put } = await started();
    await put('a.png', 'one');
    await put('A.png', 'two');
    expect(await store.isSameFile(pathOf('a.png'), pathOf('A.png'))).toBe(false);
    await rm(join(folder, 'images/A.png'));
    expect(await store.isSameFile(pathOf('a.png'), pathOf('A.png'))).toBe(false);
    await link(join(folder, 'images/a.png'), join(folder, 'images/A.png'));
    expect(await store.isSameFile(pathOf('a.png'), pathOf('A.png'))).toBe(true);
  });

  it('does not open a folder', async () => {
    const { store, put } = await started();
    await put('a/b.png', 'x');
    expect(await store.open(pathOf('a'))).toBeUndefined();
    expect(await store.open(pathOf('a/b.png/c'))).toBeUndefined();
  });

  it('says which folders lie on different file systems', async (context) => {
    const folder = await tempFolder();
    const other = await otherFileSystem(folder);
    if (other === undefined) return context.skip('no second file system that tests may write to');
    const imagesDir = await mkdtemp(join(other, 'imagefleet-store-'));
    onTestFinished(() => rm(imagesDir, { recursive: true }));
    await expect(storeIn(folder, { imagesDir }).start(new Set())).rejects.toMatchObject({
      code: 'CFG_INVALID',
      message: expect.stringContaining(imagesDir) as string,
    });
  });

  it('says which folder cannot be made', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'images'), 'a file in its place');
    await expect(storeIn(folder).start(new Set())).rejects.toMatchObject({
      code: 'CFG_INVALID',
      message: expect.stringContaining(join(folder, 'images')) as string,
    });
  });
});
