import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { WatchedStore } from '#services/testing/watched-store.ts';
import { aRecord, versionAt } from '#store/testing/catalog-builders.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { BatchDecoder } from './batch-decoder.ts';
import { takeBatch } from './batch-intake.ts';
import { StagingSlots } from './staging-slots.ts';
import { sha256Of } from './testing/test-server.ts';

const SMALL = Buffer.from('a small image');
const LARGE_BYTES = 2_000_000;

it('keeps what arrived when the connection breaks in what is left of a body that was refused', async () => {
  const store = new WatchedStore(await tempFolder());
  await store.start(new Set());
  // Large bodies are refused before they are read, as on a disk that is full.
  store.stage = () => Promise.reject(new FleetError('DISK_FULL', 'no room for large ones'));
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(SMALL);
    yield Buffer.alloc(1000);
    throw new Error('reset by the peer');
  }
  const large = ['b.png', 'c.png'].map((path) => aRecord(path, versionAt(1), { sizeBytes: LARGE_BYTES }));
  const small = aRecord('a.png', versionAt(1), { sha256: sha256Of(SMALL), sizeBytes: SMALL.length });
  const { entries, brokenBy } = await takeBatch([small, ...large], new BatchDecoder(source()), {
    store,
    catalog: { findManyAnyCase: async () => new Map() },
    slots: new StagingSlots({ count: 4, bytes: 1e6 }),
  });
  expect(brokenBy).toMatchObject({ code: 'BODY_MALFORMED' });
  expect(entries).toMatchObject([
    { path: 'a.png', stagingName: (await store.staged())[0] },
    { error: { code: 'DISK_FULL' } },
    { error: { code: 'BODY_MALFORMED' } },
  ]);
});
