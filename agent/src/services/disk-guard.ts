import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImageStore } from '#store/image-store.ts';

/** Keeps the free-space floor: a full disk would take the catalog down with it, and with that every image. */
export class DiskGuard {
  readonly #store: Pick<ImageStore, 'space'>;
  readonly #floorBytes: number;

  constructor(store: Pick<ImageStore, 'space'>, floorBytes: number) {
    this.#store = store;
    this.#floorBytes = floorBytes;
  }

  /** Throws DISK_FULL when `incomingBytes` (0: unknown) would leave less than the floor. Asked before a body is read. */
  async assertRoomFor(incomingBytes: number): Promise<void> {
    const { freeBytes } = await this.#store.space();
    if (freeBytes - incomingBytes < this.#floorBytes) {
      const free = `${String(freeBytes)} bytes are free, ${String(this.#floorBytes)} of them are the floor`;
      throw new FleetError('DISK_FULL', `The data disk has no room for this upload: ${free}.`);
    }
  }
}
