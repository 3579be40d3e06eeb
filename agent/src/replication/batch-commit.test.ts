import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { DiskImageStore } from '#store/disk-image-store.ts';
import { PathLocks } from '#store/path-locks.ts';
import { aRecord, NOW, versionAt } from '#store/testing/catalog-builders.ts';
import { chunksOf, pathOf } from '#store/testing/image-store-contract.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { commitBatch } from './batch-commit.ts';

/** A named image that has arrived whole, committed by a catalog that fails. */
async function commitFailingWith(code: ErrorCode) {
  const folder = await tempFolder();
  const [imagesDir, tmpDir, trashDir] = ['images', 'tmp', 'trash'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const store = new DiskImageStore({ imagesDir, tmpDir, trashDir });
  await store.start(new Set());
  const { stagingName } = await store.stage(chunksOf(Buffer.from('bytes')), { maxBytes: 1000 });
  const path = pathOf('logos/a.png');
  const outcomes = await commitBatch([{ path, record: aRecord(path, versionAt(1)), stagingName }], {
    ...{ store, locks: new PathLocks(), now: () => NOW, logger: silentLogger },
    catalog: {
      findMany: async () => new Map(),
      merge: () => Promise.reject(new FleetError(code, 'the commit failed')),
      clearStaging: async () => undefined,
    },
  });
  return { outcomes, staged: await readdir(tmpDir), stagingName };
}

it('keeps staged bytes that a record may name when it is not known whether the commit happened', async () => {
  const { outcomes, staged, stagingName } = await commitFailingWith('IO_FAILED');
  expect(outcomes).toMatchObject([{ outcome: 'error', error: { code: 'IO_FAILED' } }]);
  expect(staged).toEqual([stagingName]);
});

it('gives their room back when the commit failed for want of it', async () => {
  const { outcomes, staged } = await commitFailingWith('DISK_FULL');
  expect(outcomes).toMatchObject([{ outcome: 'error', error: { code: 'DISK_FULL' } }]);
  expect(staged).toEqual([]);
});
