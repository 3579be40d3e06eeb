import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImageStore } from './image-store.ts';
import { recoverStaged } from './recovery.ts';
import { openRecovered } from './testing/crash-writer.ts';
import { chunksOf, contentOf, pathOf } from './testing/image-store-contract.ts';
import { tempFolder } from './testing/temp-folder.ts';

const PATH = pathOf('logo.png');

/** A server that has an image and was stopped between the commit of its overwrite and the rename. */
async function interrupted() {
  const folder = await tempFolder();
  const { store, catalog } = await openRecovered(folder);
  onTestFinished(() => catalog.stop());
  const stage = (content: string) => store.stage(chunksOf(Buffer.from(content)), { maxBytes: 1000 });
  const old = await stage('old');
  await store.publish(old.stagingName, PATH);
  const { stagingName, sha256, sizeBytes } = await stage('new');
  const meta = { path: PATH, mediaType: 'image/png', originalName: '', mode: 'overwrite', targets: [] } as const;
  await catalog.write([{ ...meta, sha256, sizeBytes, stagingName }], Date.now());
  return { folder, store, catalog, stagingName };
}

it('redoes the rename that a crash has prevented', async () => {
  const { store, catalog } = await interrupted();
  expect(await recoverStaged(catalog, store)).toEqual({ recovered: 1, lost: [], failed: [] });
  expect(String(await contentOf(store, PATH))).toBe('new');
  expect(await catalog.listStaged()).toEqual([]);
  expect(await recoverStaged(catalog, store)).toEqual({ recovered: 0, lost: [], failed: [] });
});

it('only notes a rename that had happened', async () => {
  const { store, catalog, stagingName } = await interrupted();
  await store.publish(stagingName, PATH);
  expect(await recoverStaged(catalog, store)).toEqual({ recovered: 1, lost: [], failed: [] });
  expect(await catalog.listStaged()).toEqual([]);
});

it('does not take the old bytes for the new ones when the staged file is gone', async () => {
  const { store, catalog, stagingName } = await interrupted();
  await store.discard(stagingName);
  const { recovered, lost } = await recoverStaged(catalog, store);
  expect(recovered).toBe(0);
  expect(lost).toMatchObject([{ path: PATH, stagingName }]);
  expect(await catalog.listStaged()).toHaveLength(1);
});

it('names the record when there are no bytes at all', async () => {
  const { folder, store, catalog, stagingName } = await interrupted();
  await store.discard(stagingName);
  await rm(join(folder, 'images', PATH));
  expect((await recoverStaged(catalog, store)).lost).toMatchObject([{ path: PATH }]);
});

it.each<['open' | 'publish']>([['open'], ['publish']])(
  'goes on with the others when %s fails for one',
  async (call) => {
    const { store, catalog } = await interrupted();
    const other = pathOf('other.png');
    const { stagingName, sha256, sizeBytes } = await store.stage(chunksOf(Buffer.from('other')), { maxBytes: 1000 });
    const meta = { path: other, mediaType: 'image/png', originalName: '', mode: 'overwrite', targets: [] } as const;
    await catalog.write([{ ...meta, sha256, sizeBytes, stagingName }], Date.now());
    const error = new FleetError('IO_FAILED', 'EIO');
    const failing = {
      open: store.open.bind(store),
      publish: store.publish.bind(store),
      [call]: async (...args: [string, string]) => {
        if (args.includes(PATH)) throw error;
        return (store[call] as (...rest: [string, string]) => Promise<unknown>).apply(store, args);
      },
    } as Pick<ImageStore, 'open' | 'publish'>;
    const { recovered, lost, failed } = await recoverStaged(catalog, failing);
    expect([recovered, lost]).toEqual([1, []]);
    expect(failed).toMatchObject([{ record: { path: PATH }, error }]);
    expect(String(await contentOf(store, other))).toBe('other');
    expect(await catalog.listStaged()).toMatchObject([{ path: PATH }]);
  },
);
