import type { Version } from '@imagefleet/shared/common/image/version.ts';

interface Place {
  readonly version: Version;
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes of small images that were stored a moment ago, for the copies that go out next: reading each file again
 * for every peer costs more than all else that a copy needs. Only ever a short cut: what is not here is on the disk.
 *
 * One ring of memory, in which the newest overwrites the oldest. Holding the buffers of the uploads themselves would
 * keep ten times as much alive until the garbage collector comes round.
 */
export class RecentBytes {
  readonly #sizeBytes: number;
  #ring: Buffer | undefined;
  /** By path, oldest first. */
  readonly #places = new Map<string, Place>();
  #head = 0;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  /** Copies the bytes. Images of more than a quarter of the ring are not kept. */
  put({ path, version }: { readonly path: string; readonly version: Version }, bytes: Uint8Array): void {
    this.#places.delete(path);
    if (bytes.length > this.#sizeBytes / 4) return;
    const start = this.#makeRoom(bytes.length);
    this.#ring ??= Buffer.allocUnsafeSlow(this.#sizeBytes);
    this.#ring.set(bytes, start);
    this.#head = start + bytes.length;
    this.#places.set(path, { version, start, end: this.#head });
  }

  /** Copies the bytes of exactly this version, which must have the length of `target`; false when they are not here. */
  copyTo(target: Uint8Array, path: string, version: Version): boolean {
    const place = this.#places.get(path);
    if (place?.version !== version || place.end - place.start !== target.length || this.#ring === undefined)
      return false;
    target.set(this.#ring.subarray(place.start, place.end));
    return true;
  }

  /** Where the next bytes go; forgets everything they overwrite. */
  #makeRoom(length: number): number {
    let start = this.#head;
    if (start + length > this.#sizeBytes) {
      // What lies behind the head is older than what lies at the beginning, and would stay for ever.
      this.#forgetOldestWhile((place) => place.start >= this.#head);
      start = 0;
    }
    this.#forgetOldestWhile((place) => place.start < start + length && place.end > start);
    return start;
  }

  #forgetOldestWhile(isInTheWay: (place: Place) => boolean): void {
    for (const [path, place] of this.#places) {
      if (!isInTheWay(place)) return;
      this.#places.delete(path);
    }
  }
}
