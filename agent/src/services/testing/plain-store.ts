import type { EventEmitter } from 'node:events';
import { createHash, randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImageStore, OpenImage, StagedImage, StageOptions } from '#store/image-store.ts';

const SIGNATURES: readonly (readonly [string, { mediaType: string; extension: string }])[] = [
  ['89504e47', { mediaType: 'image/png', extension: 'png' }],
  ['ffd8ff', { mediaType: 'image/jpeg', extension: 'jpg' }],
  ['3c737667', { mediaType: 'image/svg+xml', extension: 'svg' }],
];

/** The store port on plain files without syncing: enough to test what stands above it. */
export class PlainStore implements ImageStore {
  readonly dir: string;
  freeBytes = 1e12;
  /** Handles that were opened and not yet closed. */
  openHandles = 0;

  constructor(dir: string) {
    this.dir = dir;
  }

  async start(): Promise<void> {
    for (const area of ['tmp', 'images', 'trash']) await mkdir(join(this.dir, area), { recursive: true });
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  async stage(source: AsyncIterable<Uint8Array>, options: StageOptions): Promise<StagedImage> {
    const stagingName = randomUUID();
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    await writeFile(join(this.dir, 'tmp', stagingName), '');
    try {
      for await (const chunk of source) {
        options.signal?.throwIfAborted();
        chunks.push(chunk);
        sizeBytes += chunk.length;
        if (sizeBytes > options.maxBytes) throw new FleetError('FILE_TOO_LARGE', 'too large');
      }
      if (sizeBytes === 0) throw new FleetError('EMPTY_FILE', 'empty');
    } catch (error) {
      await this.discard(stagingName);
      throw error;
    }
    const bytes = Buffer.concat(chunks);
    await writeFile(join(this.dir, 'tmp', stagingName), bytes);
    const type = SIGNATURES.find(([hex]) => bytes.toString('hex', 0, hex.length / 2) === hex)?.[1];
    return { stagingName, sizeBytes, sha256: createHash('sha256').update(bytes).digest('hex'), type };
  }

  async publish(stagingName: string, path: string): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    await rename(join(this.dir, 'tmp', stagingName), this.pathOf(path));
  }

  async keepOld(path: string, trashName: string): Promise<boolean> {
    return link(this.pathOf(path), join(this.dir, 'trash', trashName)).then(
      () => true,
      () => false,
    );
  }

  async discard(stagingName: string): Promise<void> {
    await rm(join(this.dir, 'tmp', stagingName), { force: true });
  }

  async open(path: string, stagingName?: string | null): Promise<OpenImage | undefined> {
    const places = [...(stagingName ? [join(this.dir, 'tmp', stagingName)] : []), this.pathOf(path)];
    for (const place of places) {
      const handle = await open(place).catch(() => undefined);
      if (handle === undefined) continue;
      this.openHandles += 1;
      (handle as unknown as EventEmitter).once('close', () => (this.openHandles -= 1));
      const { size, mtimeMs } = await handle.stat();
      return { handle, sizeBytes: size, modifiedAt: mtimeMs };
    }
    return undefined;
  }

  space(): Promise<{ freeBytes: number; totalBytes: number }> {
    return Promise.resolve({ freeBytes: this.freeBytes, totalBytes: 2e12 });
  }

  pathOf(path: string): string {
    return join(this.dir, 'images', path);
  }

  staged(): Promise<string[]> {
    return readdir(join(this.dir, 'tmp'));
  }

  trashed(): Promise<string[]> {
    return readdir(join(this.dir, 'trash'));
  }

  async damage(path: string, bytes: Uint8Array): Promise<void> {
    await copyFile(this.pathOf(path), `${this.pathOf(path)}.before`);
    await writeFile(this.pathOf(path), bytes);
  }
}
