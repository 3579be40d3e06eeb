import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { ImageStore } from '#store/image-store.ts';
import { tempFolder } from './temp-folder.ts';

/** How the suite makes a store in a folder of its own, and looks behind its back. Two stores of one folder: a restart. */
export interface ImageStoreFactory {
  readonly make: (folder: string) => ImageStore;
  /** Names that lie in the tmp area. */
  readonly stagedNames: (folder: string) => Promise<readonly string[]>;
}

const MB = 1024 * 1024;
const MAX = { maxBytes: 4 * MB };

export async function* chunksOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
}

export function pathOf(name: string): ImagePath {
  return name as ImagePath;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The bytes at a path as the store hands them out; undefined when there is none. */
export async function contentOf(store: ImageStore, path: ImagePath, stagingName?: string): Promise<Buffer | undefined> {
  const image = await store.open(path, stagingName);
  if (image === undefined) return undefined;
  try {
    const bytes = await image.handle.readFile();
    expect(image.sizeBytes).toBe(bytes.length);
    return bytes;
  } finally {
    await image.handle.close();
  }
}

/** What every ImageStore must do. */
export function imageStoreContract({ make, stagedNames }: ImageStoreFactory): void {
  async function started() {
    const folder = await tempFolder();
    const store = make(folder);
    await store.start(new Set());
    return { folder, store };
  }

  describe('staging', () => {
    it('answers hash, size and type of what it took, and holds it until it is discarded', async () => {
      const { folder, store } = await started();
      const image = pngImage({ seed: 1 });
      const staged = await store.stage(chunksOf(image), MAX);
      expect(staged).toMatchObject({
        sha256: sha256Of(image),
        sizeBytes: image.length,
        type: { mediaType: 'image/png', extension: 'png' },
      });
      expect(await stagedNames(folder)).toEqual([staged.stagingName]);
      await store.discard(staged.stagingName);
      await store.discard(staged.stagingName);
      expect(await stagedNames(folder)).toEqual([]);
    });

    it('keeps every byte however the body is cut, also around the border between small and large', async () => {
      const { store } = await started();
      const border = 256 * 1024;
      const size = fc.oneof(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: border - 2, max: border + 2 }),
        fc.integer({ min: 1, max: 3 * border }),
      );
      const property = fc.asyncProperty(size, fc.array(fc.nat(border), { maxLength: 6 }), async (bytes, cuts) => {
        const body = pngImage({ seed: bytes, sizeBytes: bytes + 200 }).subarray(0, bytes);
        const ends = [...cuts.map((cut) => cut % body.length).sort((a, b) => a - b), body.length];
        const chunks = ends.map((end, index) => body.subarray(ends[index - 1] ?? 0, end));
        const staged = await store.stage(chunksOf(...chunks), MAX);
        expect(staged.sha256).toBe(sha256Of(body));
        expect(staged.sizeBytes).toBe(body.length);
        const content = await contentOf(store, pathOf('none.png'), staged.stagingName);
        expect(content?.equals(body)).toBe(true);
        await store.discard(staged.stagingName);
      });
      await fc.assert(property, { numRuns: 40 });
    });

    it('takes exactly the limit, refuses one byte more and leaves nothing of it', async () => {
      const { folder, store } = await started();
      for (const limit of [1000, MB]) {
        const chunks = [Buffer.alloc(limit - 1, 1), Buffer.alloc(1, 1)];
        const staged = await store.stage(chunksOf(...chunks), { maxBytes: limit });
        await store.discard(staged.stagingName);
        const over = store.stage(chunksOf(...chunks, Buffer.alloc(1)), { maxBytes: limit });
        await expect(over).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
        expect(await stagedNames(folder)).toEqual([]);
      }
    });

    it('refuses a body without bytes', async () => {
      const { folder, store } = await started();
      await expect(store.stage(chunksOf(), MAX)).rejects.toMatchObject({ code: 'EMPTY_FILE' });
      await expect(store.stage(chunksOf(Buffer.alloc(0)), MAX)).rejects.toMatchObject({ code: 'EMPTY_FILE' });
      expect(await stagedNames(folder)).toEqual([]);
    });

    it('hands on the error of a source that breaks and leaves nothing of it', async () => {
      const { folder, store } = await started();
      const broken = new Error('connection lost');
      for (const size of [100, MB]) {
        async function* source(): AsyncGenerator<Uint8Array> {
          yield* chunksOf(Buffer.alloc(size, 1));
          throw broken;
        }
        await expect(store.stage(source(), MAX)).rejects.toBe(broken);
        expect(await stagedNames(folder)).toEqual([]);
      }
    });

    it('leaves a source that hangs when the signal says so, and nothing of it', async () => {
      const { folder, store } = await started();
      for (const size of [100, MB]) {
        const abort = new AbortController();
        async function* source(): AsyncGenerator<Uint8Array> {
          yield* chunksOf(Buffer.alloc(size, 1));
          setImmediate(() => abort.abort());
          await new Promise(() => undefined);
        }
        const staging = store.stage(source(), { ...MAX, signal: abort.signal });
        await expect(staging).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
        expect(await stagedNames(folder)).toEqual([]);
      }
      const gone = store.stage(chunksOf(Buffer.alloc(1)), { ...MAX, signal: AbortSignal.abort() });
      await expect(gone).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
      expect(await stagedNames(folder)).toEqual([]);
    });

    it('lets the source clean up when it stops reading early', async () => {
      const { store } = await started();
      let isClosed = false;
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield* chunksOf(Buffer.alloc(1000));
        } finally {
          isClosed = true;
        }
      }
      await expect(store.stage(source(), { maxBytes: 5000 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
      expect(isClosed).toBe(true);
    });

    it('gives each of many concurrent bodies its own place', async () => {
      const { folder, store } = await started();
      const bodies = Array.from({ length: 50 }, (_, seed) => pngImage({ seed }));
      const staged = await Promise.all(bodies.map((body) => store.stage(chunksOf(body), MAX)));
      expect(new Set(staged.map((one) => one.stagingName)).size).toBe(50);
      expect(staged.map((one) => one.sha256)).toEqual(bodies.map(sha256Of));
      expect(await stagedNames(folder)).toHaveLength(50);
    });
  });

  describe('publishing', () => {
    it('moves the bytes to their path, once however often it is asked', async () => {
      const { folder, store } = await started();
      const image = pngImage({ seed: 2 });
      const path = pathOf('2025/11/23/a b/图.png');
      const { stagingName } = await store.stage(chunksOf(image), MAX);
      expect(await contentOf(store, path)).toBeUndefined();
      await store.publish(stagingName, path);
      await store.publish(stagingName, path);
      expect((await contentOf(store, path))?.equals(image)).toBe(true);
      expect(await stagedNames(folder)).toEqual([]);
    });

    it('replaces what is there, while an open copy still reads the old bytes', async () => {
      const { store } = await started();
      const path = pathOf('logo.png');
      const first = await store.stage(chunksOf(Buffer.from('old')), MAX);
      await store.publish(first.stagingName, path);
      const open = await store.open(path);
      const second = await store.stage(chunksOf(Buffer.from('new')), MAX);
      await store.publish(second.stagingName, path);
      expect(open === undefined ? '' : await text(open.handle.createReadStream())).toBe('old');
      expect(String(await contentOf(store, path))).toBe('new');
    });

    it('says so when there is nothing to publish', async () => {
      const { store } = await started();
      const { stagingName } = await store.stage(chunksOf(Buffer.from('x')), MAX);
      await store.discard(stagingName);
      await expect(store.publish(stagingName, pathOf('a/b.png'))).rejects.toMatchObject({ code: 'IO_FAILED' });
    });

    it('takes many images at once into folders that do not exist yet', async () => {
      const { store } = await started();
      const names = Array.from({ length: 60 }, (_, index) => pathOf(`new/${String(index % 3)}/${String(index)}.png`));
      await Promise.all(
        names.map(async (name) => {
          const { stagingName } = await store.stage(chunksOf(Buffer.from(name)), MAX);
          await store.publish(stagingName, name);
        }),
      );
      for (const name of names) expect(String(await contentOf(store, name))).toBe(name);
    });
  });

  describe('unpublishing', () => {
    it('removes one file and no other, while an open copy still reads it, and is fine when there is none', async () => {
      const { folder, store } = await started();
      const [path, other] = [pathOf('2025/11/23/a.png'), pathOf('2025/11/23/b.png')];
      for (const name of [path, other]) {
        const { stagingName } = await store.stage(chunksOf(Buffer.from(name)), MAX);
        await store.publish(stagingName, name);
      }
      const open = await store.open(path);
      await store.unpublish(path);
      await store.unpublish(path);
      await store.unpublish(pathOf('no/such/folder.png'));
      expect(open === undefined ? '' : await text(open.handle.createReadStream())).toBe(path);
      expect([await contentOf(store, path), String(await contentOf(store, other))]).toEqual([undefined, other]);
      expect(await stagedNames(folder)).toEqual([]);
    });
  });

  describe('overwriting', () => {
    it('keeps the old bytes under the given name, and tells when there are none', async () => {
      const { store } = await started();
      const path = pathOf('logo.png');
      expect(await store.keepOld(path, 'kept-0')).toBe(false);
      const { stagingName } = await store.stage(chunksOf(Buffer.from('old')), MAX);
      await store.publish(stagingName, path);
      expect(await store.keepOld(path, 'kept-1')).toBe(true);
      expect(await store.keepOld(path, 'kept-1')).toBe(true);
      expect(String(await contentOf(store, path))).toBe('old');
    });

    it('opens the staged bytes while they are staged and the path afterwards', async () => {
      const { store } = await started();
      const path = pathOf('logo.png');
      const old = await store.stage(chunksOf(Buffer.from('old')), MAX);
      await store.publish(old.stagingName, path);
      const { stagingName } = await store.stage(chunksOf(Buffer.from('new')), MAX);
      expect(String(await contentOf(store, path))).toBe('old');
      expect(String(await contentOf(store, path, stagingName))).toBe('new');
      await store.publish(stagingName, path);
      expect(String(await contentOf(store, path, stagingName))).toBe('new');
    });
  });

  describe('starting again', () => {
    it('tells the size of what it would open, without opening it', async () => {
      const { store } = await started();
      const path = pathOf('a/b.png');
      const [first, second] = [pngImage({ seed: 1 }), Buffer.concat([pngImage({ seed: 2 }), Buffer.alloc(9)])];
      const old = await store.stage(chunksOf(first), MAX);
      await store.publish(old.stagingName, path);
      const { stagingName } = await store.stage(chunksOf(second), MAX);
      expect(await store.sizeOf(path)).toBe(first.length);
      expect(await store.sizeOf(path, stagingName)).toBe(second.length);
      await store.publish(stagingName, path);
      expect(await store.sizeOf(path, stagingName)).toBe(second.length);
      expect(await store.sizeOf(pathOf('a'))).toBeUndefined();
      expect(await store.sizeOf(pathOf('a/b.png/c.png'))).toBeUndefined();
    });

    it('throws away what an earlier run left, except what is to be kept', async () => {
      const { folder, store } = await started();
      const kept = await store.stage(chunksOf(Buffer.from('kept')), MAX);
      await store.stage(chunksOf(Buffer.from('left')), MAX);
      const path = pathOf('published.png');
      const published = await store.stage(chunksOf(Buffer.from('published')), MAX);
      await store.publish(published.stagingName, path);
      await store.stop();
      const again = make(folder);
      await again.start(new Set([kept.stagingName]));
      expect(await stagedNames(folder)).toEqual([kept.stagingName]);
      expect(String(await contentOf(again, path))).toBe('published');
      await again.publish(kept.stagingName, pathOf('kept.png'));
      expect(String(await contentOf(again, pathOf('kept.png')))).toBe('kept');
    });
  });

  it('knows how much space the disk has', async () => {
    const { store } = await started();
    const { freeBytes, totalBytes } = await store.space();
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThan(freeBytes);
  });
}
