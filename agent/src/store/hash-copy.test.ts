import { expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { DiskImageStore } from './disk-image-store.ts';
import { hashCopy } from './hash-copy.ts';
import { chunksOf, pathOf, sha256Of } from './testing/image-store-contract.ts';
import { tempFolder } from './testing/temp-folder.ts';

async function started(): Promise<DiskImageStore> {
  const folder = await tempFolder();
  const store = new DiskImageStore({
    imagesDir: `${folder}/images`,
    tmpDir: `${folder}/tmp`,
    trashDir: `${folder}/trash`,
  });
  await store.start(new Set());
  return store;
}

it.each([1, 4000, 700_000])('hashes a copy of about %i bytes where it lies', async (sizeBytes) => {
  const store = await started();
  const image = pngImage({ seed: 1, sizeBytes });
  const digest = { sha256: sha256Of(image), sizeBytes: image.length };
  const { stagingName } = await store.stage(chunksOf(image), { maxBytes: 1_000_000 });
  expect(await hashCopy(store, pathOf('a.png'), stagingName)).toEqual(digest);
  await store.publish(stagingName, pathOf('a.png'));
  expect(await hashCopy(store, pathOf('a.png'), null)).toEqual(digest);
});

it('says when there is no copy', async () => {
  expect(await hashCopy(await started(), pathOf('a.png'), null)).toBeUndefined();
});
