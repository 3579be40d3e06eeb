/** Bounds of what all batches together may hold in memory and hand to the disk at the same time. */
export interface SlotLimits {
  readonly count: number;
  readonly bytes: number;
}

/** For images that are synced at the same time: fdatasync is cheap when the disk gets many at once. */
export const STAGING_LIMITS: SlotLimits = { count: 16, bytes: 8 * 1024 * 1024 };

interface Waiter {
  readonly sizeBytes: number;
  readonly go: () => void;
}

/**
 * Lets so much work run at once, first come first served. Shared by every batch of a server: the disk is one, and so is
 * the memory, however many peers send.
 */
export class StagingSlots {
  readonly #limits: SlotLimits;
  readonly #waiting: Waiter[] = [];
  #count = 0;
  #bytes = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Resolves with the function that gives the slot back. One piece of work larger than the limit runs alone. */
  async take(sizeBytes: number): Promise<() => void> {
    if (this.#waiting.length > 0 || !this.#hasRoomFor(sizeBytes)) {
      await new Promise<void>((go) => this.#waiting.push({ sizeBytes, go }));
    } else {
      this.#enter(sizeBytes);
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#count -= 1;
      this.#bytes -= sizeBytes;
      this.#admit();
    };
  }

  #hasRoomFor(sizeBytes: number): boolean {
    if (this.#count === 0) return true;
    return this.#count < this.#limits.count && this.#bytes + sizeBytes <= this.#limits.bytes;
  }

  #enter(sizeBytes: number): void {
    this.#count += 1;
    this.#bytes += sizeBytes;
  }

  /** The slot is entered here, not by the one who waited: otherwise a newcomer could slip in before it wakes up. */
  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoomFor(next.sizeBytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#enter(next.sizeBytes);
      next.go();
    }
  }
}
