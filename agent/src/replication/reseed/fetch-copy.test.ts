import { rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { generatedPath, imageBytes, sha256Of, TestServer } from '../testing/test-server.ts';
import type { CopySource } from './copy-source.ts';
import { fetchCopy, type FetchedCopy } from './fetch-copy.ts';
import { bury, plant, sourceOf, takingDeps } from './testing/reseed-builders.ts';

const PATH = generatedPath(1);
const BYTES = imageBytes(2999);

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

describe('bringing a missing image here', () => {
  let s1: TestServer;
  let s2: TestServer;
  let s3: TestServer;
  let sources: readonly CopySource[];

  beforeEach(async () => {
    [s1, s2, s3] = (await Promise.all(
      [{ name: 's1' }, { name: 's2' }, { name: 's3' }].map((one) => TestServer.start(one)),
    )) as [TestServer, TestServer, TestServer];
    await Promise.all([s1, s2, s3].map((server) => server.openCatalog([])));
    sources = [sourceOf(s2, s1), sourceOf(s3, s1)];
  });

  afterEach(async () => {
    for (const source of sources) source.close();
    expect(await s1.leftovers()).toEqual([]);
    await Promise.all([s1, s2, s3].map((server) => server.stop()));
  });

  const fetchHere = (path = PATH, from = sources, peerCount = from.length): Promise<FetchedCopy> =>
    fetchCopy(parseImagePath(path), { ...takingDeps(s1), sources: () => from, peerCount }, AbortSignal.timeout(20_000));

  it('keeps it with the record that the peer has', async () => {
    const record = await plant(s3, { path: PATH, bytes: BYTES });
    expect(await fetchHere()).toEqual({ kind: 'kept', sizeBytes: BYTES.length });
    expect(await s1.catalog.find(PATH)).toEqual({ ...record, stagingName: null });
    expect(await s1.read(PATH)).toEqual(BYTES);
  });

  it('brings a large one, for a record that is new here and for one whose file is gone', async () => {
    const large = imageBytes(3_000_000);
    await plant(s2, { path: PATH, bytes: large });
    await fetchHere();
    expect((await s1.read(PATH))?.equals(large)).toBe(true);
    await rm(s1.fileOf(PATH));
    await fetchHere();
    expect((await s1.read(PATH))?.equals(large)).toBe(true);
  });

  it('finds it in any upper and lower case', async () => {
    await plant(s2, { path: 'Banners/Top.png', bytes: BYTES });
    await fetchHere('banners/TOP.png');
    expect(await s1.read('Banners/Top.png')).toEqual(BYTES);
  });

  it('takes the newest version that somebody has whole', async () => {
    await plant(s2, { path: 'a.png', at: 1 });
    await plant(s3, { path: 'a.png', bytes: BYTES, at: 2 });
    await fetchHere('a.png');
    expect(await s1.read('a.png')).toEqual(BYTES);
  });

  it('takes an older version while nobody who answers has the bytes of the newest', async () => {
    await plant(s2, { path: 'a.png', bytes: BYTES, at: 1 });
    await plant(s3, { path: 'a.png', at: 2 });
    await rm(s3.fileOf('a.png'));
    await fetchHere('a.png');
    expect(await s1.read('a.png')).toEqual(BYTES);
  });

  it('brings nothing that is deleted here or, later than it was written, elsewhere', async () => {
    await plant(s2, { path: 'a.png', at: 1 });
    await bury(s1, 'a.png', 2);
    expect(await fetchHere('a.png')).toEqual({ kind: 'absent', isCertain: true });
    expect(s2.requests).toEqual([]);
    await plant(s2, { path: 'b.png', at: 1 });
    await bury(s3, 'b.png', 2);
    expect(await fetchHere('b.png')).toEqual({ kind: 'absent', isCertain: true });
    expect(await s1.catalog.find('b.png')).toBeUndefined();
  });

  it('says whether everybody was asked', async () => {
    expect(await fetchHere()).toEqual({ kind: 'absent', isCertain: true });
    await s3.unplug();
    expect(await fetchHere()).toEqual({ kind: 'absent', isCertain: false });
  });

  it('is certain of nothing while peers are known to be down and are not asked', async () => {
    expect(await fetchHere(PATH, [], 2)).toEqual({ kind: 'absent', isCertain: false });
    expect(await fetchHere(PATH, sources.slice(0, 1), 2)).toEqual({ kind: 'absent', isCertain: false });
    expect(await fetchHere(PATH, [], 0)).toEqual({ kind: 'absent', isCertain: true });
  });

  it('puts the file back of a record whose file is gone, and leaves the record alone', async () => {
    const record = await plant(s1, { path: PATH, bytes: BYTES });
    await plant(s2, { path: PATH, bytes: BYTES });
    await rm(s1.fileOf(PATH));
    expect(await fetchHere()).toMatchObject({ kind: 'kept' });
    expect(await s1.read(PATH)).toEqual(BYTES);
    expect(await s1.catalog.find(PATH)).toEqual({ ...record, stagingName: null });
  });

  it('keeps what is left of a damaged file, as of one that is overwritten', async () => {
    await plant(s1, { path: PATH, bytes: BYTES });
    await plant(s2, { path: PATH, bytes: BYTES });
    await writeFile(s1.fileOf(PATH), 'half');
    await fetchHere();
    expect(await s1.read(PATH)).toEqual(BYTES);
    expect(await s1.trashed()).toHaveLength(1);
  });

  it('keeps nothing whose bytes are not those of the record, and asks the next peer', async () => {
    for (const server of [s2, s3]) await plant(server, { path: PATH, bytes: BYTES });
    await writeFile(s2.fileOf(PATH), Buffer.alloc(BYTES.length));
    await expect(fetchHere(PATH, sources.slice(0, 1))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(await s1.read(PATH)).toBeUndefined();
    expect(await s1.catalog.find(PATH)).toBeUndefined();
    await fetchHere();
    expect(sha256Of((await s1.read(PATH)) ?? Buffer.of())).toBe(sha256Of(BYTES));
  });

  it('asks no peer for bytes that have no room here, and tells who has them', async () => {
    for (const server of [s2, s3]) await plant(server, { path: PATH, bytes: BYTES });
    s1.store.freeBytes = 0;
    const fetched = await fetchHere();
    expect(fetched).toMatchObject({ kind: 'notKept', record: { path: PATH }, cause: { code: 'DISK_FULL' } });
    expect('from' in fetched && [...fetched.from].sort()).toEqual(['s2', 's3']);
    expect([...s2.requests, ...s3.requests]).not.toContain('/peer/v1/fetch');
    s1.store.freeBytes = 1e12;
    expect(await fetchHere()).toMatchObject({ kind: 'kept' });
  });

  it.each(['DISK_FULL', 'IO_FAILED'] as const)('tells that the own disk failed it (%s), not the peer', async (code) => {
    await plant(s3, { path: PATH, bytes: BYTES });
    s1.store.stageWhole = () => Promise.reject(new FleetError(code, 'late'));
    expect(await fetchHere()).toMatchObject({ kind: 'notKept', from: ['s3'], cause: { code } });
  });

  it('asks one hop only: a peer that lacks the file asks nobody', async () => {
    await plant(s2, { path: PATH, bytes: BYTES });
    await rm(s2.fileOf(PATH));
    s3.requests.length = 0;
    expect(await fetchHere(PATH, sources.slice(0, 1))).toEqual({ kind: 'absent', isCertain: true });
    expect(s3.requests).toEqual([]);
  });
});
