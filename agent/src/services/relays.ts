import { Readable } from 'node:stream';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { idOfPath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { NotKeptCopy } from '#replication/reseed/fetch-copy.ts';
import type { Slice } from '#replication/reseed/relay-copy.ts';

/** Visitors who are answered straight from another server at the same time; more are told to come back. */
const MAX_RELAYS = 64;

/** An image that this server answers with and does not keep. */
export interface RelayedCopy {
  readonly record: PresentRecord;
  /** A generated name: its bytes never change. */
  readonly isImmutable: boolean;
  /** The bytes of the slice; a stream when they are many, which whoever takes it reads to its end or destroys. */
  readonly relay: (slice: Slice) => Promise<Buffer | Readable>;
}

export interface RelaysDeps {
  /** Takes a slice of an image from one of the peers that have it. Throws what the last of them failed with. */
  readonly relay: (copy: NotKeptCopy, slice: Slice, signal: AbortSignal) => Promise<Buffer | Readable>;
}

interface Options extends RelaysDeps {
  readonly onRelayed: (sizeBytes: number) => void;
  /** Ends what is on its way. */
  readonly signal: AbortSignal;
}

/** Hands images through that the own disk has no room for, a bounded number at the same time. */
export class Relays {
  readonly #options: Options;
  #running = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Nothing is asked of a peer before somebody wants bytes: HEAD and conditions need the record only. */
  copyOf(copy: NotKeptCopy): RelayedCopy {
    const { record } = copy;
    const isImmutable = idOfPath(record.path) !== undefined;
    return { record, isImmutable, relay: (slice) => this.#relay(copy, slice) };
  }

  async #relay(copy: NotKeptCopy, slice: Slice): Promise<Buffer | Readable> {
    const { relay, onRelayed, signal } = this.#options;
    if (this.#running >= MAX_RELAYS) {
      throw new FleetError('RATE_LIMITED', 'Too many images are being handed through from other servers.');
    }
    this.#running += 1;
    let isStream = false;
    try {
      const bytes = await relay(copy, slice, signal);
      if (bytes instanceof Readable) {
        isStream = true;
        bytes.once('close', () => (this.#running -= 1));
      }
      onRelayed(slice.end - slice.start + 1);
      return bytes;
    } finally {
      if (!isStream) this.#running -= 1;
    }
  }
}
