import { DiskImageStore } from '#store/disk-image-store.ts';
import type { DiskSpace } from '#store/image-store.ts';

/** The disk store with a free space that a test sets. */
export class SpaciousStore extends DiskImageStore {
  freeBytes = 1e12;

  override async space(): Promise<DiskSpace> {
    return { freeBytes: this.freeBytes, totalBytes: 2e12 };
  }
}
