import type { EventEmitter } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { DiskImageStore } from '#store/disk-image-store.ts';
import type { DiskSpace, OpenImage } from '#store/image-store.ts';

/** The real store on a disk that a test can look at, fill up and damage. */
export class WatchedStore extends DiskImageStore {
  readonly dir: string;
  freeBytes = 1e12;
  /** Handles that were opened and not yet closed. */
  openHandles = 0;

  constructor(dir: string) {
    super({ imagesDir: join(dir, 'images'), tmpDir: join(dir, 'tmp'), trashDir: join(dir, 'trash') });
    this.dir = dir;
  }

  override async open(path: ImagePath, stagingName?: string | null): Promise<OpenImage | undefined> {
    const open = await super.open(path, stagingName);
    if (open === undefined) return undefined;
    this.openHandles += 1;
    // A FileHandle is an emitter; its types do not say so.
    (open.handle as unknown as EventEmitter).once('close', () => (this.openHandles -= 1));
    return open;
  }

  override space(): Promise<DiskSpace> {
    return Promise.resolve({ freeBytes: this.freeBytes, totalBytes: 2e12 });
  }

  pathOf(path: string): string {
    return join(this.dir, 'images', path);
  }

  staged(): Promise<string[]> {
    return readdir(join(this.dir, 'tmp'));
  }

  /** Paths of the files in the image folder. */
  async published(): Promise<string[]> {
    const root = join(this.dir, 'images');
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll(sep, '/')).sort();
  }

  trashed(): Promise<string[]> {
    return readdir(join(this.dir, 'trash'));
  }

  async damage(path: string, bytes: Uint8Array): Promise<void> {
    await writeFile(this.pathOf(path), bytes);
  }

  async lose(path: string): Promise<void> {
    await rm(this.pathOf(path));
  }
}
