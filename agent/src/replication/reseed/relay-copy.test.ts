import { rm, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { generatedPath, imageBytes, TestServer } from '../testing/test-server.ts';
import type { CopySource } from './copy-source.ts';
import { relayCopy, type Slice } from './relay-copy.ts';
import { plant, sourceOf } from './testing/reseed-builders.ts';

const PATH = generatedPath(1);
const SMALL = imageBytes(3000);
const LARGE = imageBytes(1_000_000);

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

describe('handing an image through', () => {
  let s1: TestServer;
  let s2: TestServer;
  let s3: TestServer;
  let givers: readonly CopySource[];

  beforeEach(async () => {
    [s1, s2, s3] = (await Promise.all(
      [{ name: 's1' }, { name: 's2' }, { name: 's3' }].map((one) => TestServer.start(one)),
    )) as [TestServer, TestServer, TestServer];
    await Promise.all([s1, s2, s3].map((server) => server.openCatalog([])));
    givers = [sourceOf(s2, s1), sourceOf(s3, s1)];
  });

  afterEach(async () => {
    for (const giver of givers) giver.close();
    // Nothing of it touches the own disk.
    expect([await s1.leftovers(), await s1.catalog.countImages()]).toEqual([[], 0]);
    await Promise.all([s1, s2, s3].map((server) => server.stop()));
  });

  const plantBoth = async (bytes: Buffer): Promise<PresentRecord> => {
    await plant(s3, { path: PATH, bytes });
    return plant(s2, { path: PATH, bytes });
  };
  const relay = (record: PresentRecord, slice: Slice): Promise<Buffer | Readable> =>
    relayCopy({ record, givers, slice }, AbortSignal.timeout(20_000));
  const bytesOf = async (given: Buffer | Readable): Promise<Buffer> =>
    given instanceof Readable ? buffer(given) : Buffer.from(given);

  it.each<[string, Buffer, boolean]>([
    ['a small one in one piece', SMALL, false],
    ['a large one as a stream', LARGE, true],
  ])('gives %s, whole and in parts', async (_which, bytes, isStream) => {
    const record = await plantBoth(bytes);
    const last = bytes.length - 1;
    for (const [start, end] of [
      [0, last],
      [0, 0],
      [last, last],
      [777, 2222],
    ] as const) {
      const given = await relay(record, { start, end });
      expect(given instanceof Readable).toBe(isStream);
      expect((await bytesOf(given)).equals(bytes.subarray(start, end + 1))).toBe(true);
    }
  });

  it('gives nothing of a small image whose bytes are wrong, and asks the next peer', async () => {
    const record = await plantBoth(SMALL);
    await writeFile(s2.fileOf(PATH), Buffer.alloc(SMALL.length));
    expect((await bytesOf(await relay(record, { start: 0, end: 99 }))).equals(SMALL.subarray(0, 100))).toBe(true);
    await writeFile(s3.fileOf(PATH), Buffer.alloc(SMALL.length));
    await expect(relay(record, { start: 0, end: 99 })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('never gives the last piece of a large image whose bytes are wrong', async () => {
    const record = await plantBoth(LARGE);
    await writeFile(s2.fileOf(PATH), Buffer.concat([LARGE.subarray(0, -1), Buffer.of((LARGE.at(-1) ?? 0) ^ 1)]));
    const given = await relay(record, { start: 0, end: 499_999 });
    const chunks: Buffer[] = [];
    const taken = (async () => {
      for await (const chunk of given as Readable) chunks.push(chunk as Buffer);
    })();
    await expect(taken).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(Buffer.concat(chunks).length).toBeLessThan(500_000);
  });

  it('asks the next peer when one has lost its copy or is gone', async () => {
    const record = await plantBoth(LARGE);
    await rm(s2.fileOf(PATH));
    expect(await bytesOf(await relay(record, { start: 5, end: 9 }))).toEqual(LARGE.subarray(5, 10));
    await s2.unplug();
    expect(await bytesOf(await relay(record, { start: 5, end: 9 }))).toEqual(LARGE.subarray(5, 10));
    await s3.unplug();
    await expect(relay(record, { start: 5, end: 9 })).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });

  it('lets the peer go when the visitor does', async () => {
    const record = await plant(s2, { path: PATH, bytes: imageBytes(30_000_000) });
    const isFinished = new Promise<boolean>((resolve) => {
      s2.intercept = (_request, response) => {
        response.once('close', () => {
          resolve(response.writableFinished);
        });
        return false;
      };
    });
    const given = (await relay(record, { start: 0, end: record.sizeBytes - 1 })) as Readable;
    given.destroy();
    expect(await isFinished).toBe(false);
  });
});
