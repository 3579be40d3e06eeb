import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { foldPath } from '@imagefleet/shared/common/image/image-path.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { WatchedStore } from '#services/testing/watched-store.ts';
import { PathLocks } from '#store/path-locks.ts';
import { aRecord, NOW, versionAt } from '#store/testing/catalog-builders.ts';
import { chunksOf, pathOf } from '#store/testing/image-store-contract.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { commitBatch, type CommitDeps } from './batch-commit.ts';

const PATHS = ['logos/a.png', 'logos/b.png'];

/** Two named images that have arrived whole, and a catalog that commits nothing. */
describe('a batch that cannot be committed', () => {
  let store: WatchedStore;
  let locks: PathLocks;
  let lines: string[];

  beforeEach(async () => {
    store = new WatchedStore(await tempFolder());
    await store.start(new Set());
    locks = new PathLocks();
    lines = [];
  });

  const commit = async (catalog: Partial<CommitDeps['catalog']>, paths = PATHS) => {
    const entries = await Promise.all(
      paths.map(async (name) => {
        const { stagingName } = await store.stage(chunksOf(Buffer.from(name)), { maxBytes: 1000 });
        return { path: pathOf(name), record: aRecord(name, versionAt(1)), stagingName };
      }),
    );
    return commitBatch(entries, {
      ...{ store, locks, now: () => NOW, logger: { ...silentLogger, warn: (event) => lines.push(event) } },
      catalog: {
        findManyAnyCase: async () => new Map(),
        merge: () => Promise.reject(new Error('the merge was not expected')),
        clearStaging: async () => undefined,
        ...catalog,
      },
    });
  };
  const failing = (code: ErrorCode) => () => Promise.reject(new FleetError(code, 'the catalog failed'));
  const both = (code: ErrorCode) => PATHS.map(() => ({ outcome: 'error', error: { code } }));

  it('keeps staged bytes that a record may name when it is not known whether the commit happened', async () => {
    expect(await commit({ merge: failing('IO_FAILED') })).toMatchObject(both('IO_FAILED'));
    expect(await store.staged()).toHaveLength(2);
  });

  it('says that the disk is full where only the sync of the commit met it, and keeps the bytes all the same', async () => {
    store.freeBytes = 0;
    expect(await commit({ merge: failing('IO_FAILED') })).toMatchObject(both('DISK_FULL'));
    expect(await store.staged()).toHaveLength(2);
  });

  it('gives their room back when the commit failed for want of it', async () => {
    expect(await commit({ merge: failing('DISK_FULL') })).toMatchObject(both('DISK_FULL'));
    expect(await store.staged()).toEqual([]);
  });

  it('takes generated names back that got no record: refused, or for want of room', async () => {
    const path = '2026/1/2/0d9c5f0e-5f57-4f6e-9a53-000000000001.png';
    const refused = { outcome: 'refused' as const, code: 'VERSION_AHEAD' as const, message: 'tomorrow' };
    expect(await commit({ merge: () => Promise.resolve([refused]) }, [path])).toMatchObject([
      { error: { code: 'VERSION_AHEAD' } },
    ]);
    expect([await store.staged(), await store.published()]).toEqual([[], []]);
    await commit({ merge: failing('DISK_FULL') }, [path]);
    expect(await store.published()).toEqual([]);
    await commit({ merge: failing('IO_FAILED') }, [path]);
    // The next start may find its record.
    expect(await store.published()).toEqual([path]);
  });

  it('leaves nothing when its paths are too busy to be locked', async () => {
    const gate = Promise.withResolvers<undefined>();
    const key = foldPath(pathOf('logos/a.png'));
    const waiting = Array.from({ length: 100 }, () => locks.run([key], () => gate.promise));
    expect(await commit({})).toMatchObject(both('PATH_BUSY'));
    expect(await store.staged()).toEqual([]);
    gate.resolve(undefined);
    await Promise.all(waiting);
  });

  it('leaves nothing when the catalog cannot be asked', async () => {
    expect(await commit({ findManyAnyCase: failing('IO_FAILED') })).toMatchObject(both('IO_FAILED'));
    expect(await store.staged()).toEqual([]);
  });

  it('leaves nothing of an image whose old bytes cannot be kept, and stores the others', async () => {
    const keepOld = store.keepOld.bind(store);
    store.keepOld = (path, ...more) =>
      path.endsWith('a.png') ? Promise.reject(new FleetError('IO_FAILED', 'a bad sector')) : keepOld(path, ...more);
    const outcomes = await commit({ merge: (writes) => Promise.resolve(writes.map(() => ({ outcome: 'stored' }))) });
    expect(outcomes).toMatchObject([{ error: { code: 'IO_FAILED' } }, { outcome: 'stored' }]);
    expect([await store.staged(), await store.published()]).toEqual([[], ['logos/b.png']]);
  });

  it('discards all of them although one cannot be, and says so', async () => {
    const discard = store.discard.bind(store);
    let isFirst = true;
    store.discard = (name) => {
      if (!isFirst) return discard(name);
      isFirst = false;
      return Promise.reject(new FleetError('IO_FAILED', 'a bad sector'));
    };
    await commit({ merge: failing('DISK_FULL') });
    expect([(await store.staged()).length, lines]).toEqual([1, ['replica.notDiscarded']]);
  });

  it('keeps the bytes of an own version whose rename had failed, and then lets them go', async () => {
    const { stagingName } = await store.stage(chunksOf(Buffer.from('never renamed')), { maxBytes: 100 });
    const own = { ...aRecord('logos/a.png', versionAt(0)), stagingName };
    await commit({
      findManyAnyCase: async () => new Map([[own.path, own]]),
      merge: (writes) => Promise.resolve(writes.map(() => ({ outcome: 'stored' }))),
    });
    expect(await readdir(join(store.dir, 'trash'))).toContain(versionAt(0));
    expect([await store.staged(), await store.published()]).toEqual([[], PATHS]);
  });
});
