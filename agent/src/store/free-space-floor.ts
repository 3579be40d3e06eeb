import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImageStore } from './image-store.ts';

/** Keeps the free-space floor: a full disk would take the catalog down with it, and with that every image. */
export class FreeSpaceFloor {
  readonly #store: Pick<ImageStore, 'space'>;
  readonly #floorBytes: number;

  constructor(store: Pick<ImageStore, 'space'>, floorBytes: number) {
    this.#store = store;
    this.#floorBytes = floorBytes;
  }

  /** Throws DISK_FULL when `incomingBytes` (0: unknown) would leave less than the floor. Asked before a body is read. */
  async assertRoomFor(incomingBytes: number): Promise<void> {
    if (this.#floorBytes === 0 && incomingBytes === 0) return;
    const { freeBytes } = await this.#store.space();
    if (freeBytes - incomingBytes >= this.#floorBytes) return;
    // Without the free bytes: as the cause of a delivery another sentence each time would be a new line in the failure log.
    const floor = `its free-space floor of ${String(this.#floorBytes)} bytes`;
    throw new FleetError('DISK_FULL', `The data disk has no room for this above ${floor}.`);
  }
}
