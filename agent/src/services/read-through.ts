import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { foldPath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { FetchedCopy } from '#replication/reseed/fetch-copy.ts';
import type { FoundCopy } from './find-copy.ts';
import { Relays, type RelayedCopy, type RelaysDeps } from './relays.ts';
import { RecentMisses } from './recent-misses.ts';

/** Images that are looked for at the same time; more visitors are told to come back. */
const MAX_FLIGHTS = 256;
const MAX_MISSES = 10_000;
const MISS_MS = 3_000;
/** A visitor waits so long; the fetch goes on, and the next request finds the image here. */
const WAIT_MS = 20_000;

/** How it ended for the image that was looked for, or, when it was relayed, for one visitor. */
export type FetchOutcome = 'kept' | 'relayed' | 'absent' | 'failed';

export interface ReadThroughDeps extends Pick<RelaysDeps, 'relay'> {
  /** This server's own copy; undefined without a record. Throws OWN_COPY_MISSING and OWN_COPY_DAMAGED. */
  readonly findOwn: (path: ImagePath) => Promise<FoundCopy | undefined>;
  /** Brings the image here from a peer and keeps it. */
  readonly fetch: (path: ImagePath, signal: AbortSignal) => Promise<FetchedCopy>;
  /** Looks whether the image folder is still the one that this server had; cheap. */
  readonly checkFolder: () => Promise<void>;
  /** False while this server lacks records: what it does not know may well exist. */
  readonly hasWholeCatalog: () => boolean;
  /** A record's file was gone and a peer had it: the files of other records may be gone, too. */
  readonly onFileMissing: () => void;
  readonly onFetched: (outcome: FetchOutcome, sizeBytes: number) => void;
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number;
  readonly logger: Logger;
  /** How long one visitor waits, for tests. */
  readonly waitMs?: number;
}

/** What a visitor is answered with: a file of this server, or bytes on their way through it. */
export type ServableCopy = FoundCopy | RelayedCopy;

/**
 * Serves what is not here from a peer, and keeps it. The image is always fetched whole before the first byte of it goes
 * to the visitor: then ranges, conditions and HEAD are answered from a file like any other, bytes that do not have the
 * hash of their record never reach anybody, and all visitors of one image share one fetch. The price is that the first
 * visitor of a large image waits for the whole transfer between two servers of one fleet. Only what the own disk has no
 * room for goes straight through, for each visitor anew, and is kept at the first request after there is room.
 */
export class ReadThrough {
  readonly #deps: ReadThroughDeps;
  readonly #flights = new Map<string, Promise<FetchedCopy>>();
  readonly #misses: RecentMisses<FetchedCopy>;
  readonly #stopped = new AbortController();
  readonly #relays: Relays;

  constructor(deps: ReadThroughDeps) {
    this.#deps = deps;
    this.#misses = new RecentMisses({ limit: MAX_MISSES, forMs: MISS_MS, monotonic: deps.monotonic });
    const onRelayed = (sizeBytes: number): void => {
      deps.onFetched('relayed', sizeBytes);
    };
    this.#relays = new Relays({ relay: deps.relay, onRelayed, signal: this.#stopped.signal });
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new FleetError('SHUTTING_DOWN', 'This server is stopping.'));
    await Promise.allSettled(this.#flights.values());
  }

  /**
   * A copy to serve; undefined when no server has the image. `isOwnOnly` asks nobody (COPY_NOT_HERE). Throws what the
   * own copy failed with when no peer has it either, IMAGE_UNSURE while nobody can tell whether there is one, and
   * PEER_UNREACHABLE, PEER_TIMEOUT, RATE_LIMITED.
   */
  async find(path: ImagePath, { isOwnOnly }: { readonly isOwnOnly: boolean }): Promise<ServableCopy | undefined> {
    const own = await this.#own(path);
    if (own !== undefined && !(own instanceof FleetError)) return own;
    if (isOwnOnly) throw new FleetError('COPY_NOT_HERE', 'This server has no whole copy of this image of its own.');
    const fetched = await this.#fetch(path);
    if (fetched.kind !== 'absent' && own?.code === 'OWN_COPY_MISSING') this.#deps.onFileMissing();
    if (fetched.kind === 'kept') return this.#deps.findOwn(path);
    if (fetched.kind === 'notKept') return this.#relays.copyOf(fetched);
    if (own !== undefined) throw own;
    // With the records of a server that lacks none, this one says what any other would: that nobody has told of an image.
    if (fetched.isCertain || this.#deps.hasWholeCatalog()) return undefined;
    throw new FleetError('IMAGE_UNSURE', 'This server is still being filled, and not every other one answers.');
  }

  async #own(path: ImagePath): Promise<FoundCopy | FleetError | undefined> {
    try {
      return await this.#deps.findOwn(path);
    } catch (error) {
      const isLacking = error instanceof FleetError && LACKING.has(error.code);
      if (isLacking) return error;
      throw error;
    }
  }

  async #fetch(path: ImagePath): Promise<FetchedCopy> {
    const key = foldPath(path);
    const miss = this.#misses.get(key);
    if (miss !== undefined) return miss;
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      if (this.#flights.size >= MAX_FLIGHTS) {
        throw new FleetError('RATE_LIMITED', 'Too many images are being fetched from other servers at this moment.');
      }
      flight = this.#begin(path).finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
    }
    const fetched = await within(flight, this.#deps.waitMs ?? WAIT_MS);
    if (fetched.kind === 'absent') this.#misses.add(key, fetched);
    return fetched;
  }

  async #begin(path: ImagePath): Promise<FetchedCopy> {
    const { onFetched, logger } = this.#deps;
    try {
      const fetched = await this.#twice(path);
      const sizeBytes = fetched.kind === 'kept' ? fetched.sizeBytes : 0;
      if (fetched.kind !== 'notKept') onFetched(fetched.kind, sizeBytes);
      logger.debug('readThrough.fetched', { path, outcome: fetched.kind, sizeBytes });
      return fetched;
    } catch (error) {
      onFetched('failed', 0);
      throw error;
    }
  }

  /** Once more after a failure of the own disk: its folder may have been emptied at this very moment. */
  async #twice(path: ImagePath): Promise<FetchedCopy> {
    const { checkFolder, fetch } = this.#deps;
    const { signal } = this.#stopped;
    signal.throwIfAborted();
    await checkFolder();
    const fetched = await fetch(path, signal);
    if (!(fetched.kind === 'notKept' && fetched.cause.code === 'IO_FAILED')) return fetched;
    await checkFolder();
    signal.throwIfAborted();
    return fetch(path, signal);
  }
}

const LACKING: ReadonlySet<string> = new Set(['OWN_COPY_MISSING', 'OWN_COPY_DAMAGED']);

async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new FleetError('PEER_TIMEOUT', 'The image is still on its way from another server. Ask again.'));
  }, limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
