import type { Version } from '@imagefleet/shared/common/image/version.ts';

export interface RecentBytesOptions {
  /** Bytes held in all; the oldest go first. */
  readonly maxBytes: number;
  /** Bytes are let go after this time, so that an idle server holds none. */
  readonly maxAgeMs: number;
}

interface Held {
  readonly version: Version;
  readonly bytes: Uint8Array;
  /** A small image is often a view of a larger network buffer, which it keeps alive. */
  readonly heldBytes: number;
}

/**
 * The bytes of small images that were stored a moment ago, for the copies that go out next: reading each file again
 * for every peer costs more than all else that a copy needs. Only ever a short cut: what is not here is on the disk.
 */
export class RecentBytes {
  readonly #options: RecentBytesOptions;
  readonly #held = new Map<string, Held>();
  #total = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Entries that were here at the last sweep; the next one lets them go. */
  #old: string[] = [];

  constructor(options: RecentBytesOptions) {
    this.#options = options;
  }

  put({ path, version }: { readonly path: string; readonly version: Version }, bytes: Uint8Array): void {
    this.#drop(path);
    const heldBytes = bytes.buffer.byteLength;
    this.#held.set(path, { version, bytes, heldBytes });
    this.#total += heldBytes;
    while (this.#total > this.#options.maxBytes) this.#drop(this.#held.keys().next().value ?? '');
    this.#timer ??= setTimeout(() => {
      this.#sweep();
    }, this.#options.maxAgeMs).unref();
  }

  /** The bytes of exactly this version, or undefined. */
  get(path: string, version: Version): Uint8Array | undefined {
    const held = this.#held.get(path);
    return held?.version === version ? held.bytes : undefined;
  }

  #drop(path: string): void {
    const held = this.#held.get(path);
    if (held === undefined) return;
    this.#held.delete(path);
    this.#total -= held.heldBytes;
  }

  #sweep(): void {
    for (const path of this.#old) this.#drop(path);
    this.#old = [...this.#held.keys()];
    this.#timer =
      this.#held.size === 0
        ? undefined
        : setTimeout(() => {
            this.#sweep();
          }, this.#options.maxAgeMs).unref();
  }
}
