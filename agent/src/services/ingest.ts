import { foldPath, newImageId, parseImageId, parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { AgentConfig } from '@imagefleet/shared/common/config/agent-config.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Replication } from '#replication/replication.ts';
import type { Catalog, DeliveryTarget, LocalWrite } from '#store/catalog.ts';
import { judgeFailedCommit } from '#store/failed-commit.ts';
import type { ImageStore, StagedImage } from '#store/image-store.ts';
import type { PathLocks } from '#store/path-locks.ts';
import { acceptedType } from './accepted-type.ts';
import { hasCopy } from './has-copy.ts';
import { takeBack } from './take-back.ts';

export interface IngestDeps {
  readonly store: ImageStore;
  readonly catalog: Catalog;
  readonly replication: Pick<Replication, 'targets' | 'wake' | 'note'>;
  readonly locks: PathLocks;
  readonly config: Pick<AgentConfig, 'limits' | 'timeZone'>;
  readonly now: () => number;
  readonly uuid: () => string;
  readonly logger: Logger;
  /** Told of each image after its commit; for events. */
  readonly onStored?: ((record: PresentRecord) => void) | undefined;
}

/** What a client said about one file. */
export interface SentImage {
  readonly originalName: string;
  /** yyyy/M/d/<uuid>, chosen by the client; undefined: the server chooses. */
  readonly id?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Bytes that lie synced on this server and have a path to go to. Must end in `store` or `discard`. */
export interface ReceivedImage {
  readonly staged: StagedImage;
  readonly path: ImagePath;
  /** From the path's beginning; set when the client chose it. */
  readonly chosenId: string | undefined;
  readonly mediaType: string;
  readonly originalName: string;
}

/** How one file ended: its record with the deliveries made for it (none when it was stored before), or its refusal. */
export type IngestOutcome =
  | { readonly record: PresentRecord; readonly isNew: boolean; readonly targets: readonly DeliveryTarget[] }
  | { readonly error: FleetError };

/** How many renames of one request run at the same time. */
const PUBLISH_WIDTH = 32;
/** How often a batch is written again without the entries that another writer took meanwhile. */
const MAX_WRITE_ROUNDS = 5;

/** Takes new images in: bytes first, then name, then record and deliveries in one transaction. */
export class Ingest {
  readonly #deps: IngestDeps;

  constructor(deps: IngestDeps) {
    this.#deps = deps;
  }

  /** Streams one file into the tmp area. Throws ID_INVALID, EMPTY_FILE, FILE_TOO_LARGE, NOT_AN_IMAGE, SVG_REFUSED, DISK_FULL, IO_FAILED. */
  async receive(source: AsyncIterable<Uint8Array>, sent: SentImage): Promise<ReceivedImage> {
    const { store, config, now, uuid } = this.#deps;
    const chosenId = sent.id === undefined ? undefined : parseImageId(sent.id);
    const id = chosenId ?? newImageId({ nowMs: now(), timeZone: config.timeZone, uuid: uuid() });
    const { signal } = sent;
    const options = { maxBytes: config.limits.fileSize, freesChunks: true, ...(signal && { signal }) };
    const staged = await store.stage(source, options);
    try {
      const type = acceptedType(staged, config.limits);
      const path = parseImagePath(`${id}.${type.extension}`);
      return { staged, path, chosenId, mediaType: type.mediaType, originalName: sent.originalName };
    } catch (error) {
      await store.discard(staged.stagingName);
      throw error;
    }
  }

  async discard(received: ReceivedImage): Promise<void> {
    await this.#deps.store.discard(received.staged.stagingName);
  }

  /**
   * Stores what was received, in one transaction, and answers in the same order when it survives a power cut. Files with
   * a chosen id end each on their own merits (ID_TAKEN); files without one cannot fail alone, so they are all or none.
   */
  async store(received: readonly ReceivedImage[]): Promise<readonly IngestOutcome[]> {
    // The id besides the path: a JPEG and a PNG under one id have two paths.
    const keys = received.flatMap(({ chosenId, path }) => (chosenId === undefined ? [] : [chosenId, foldPath(path)]));
    const outcomes = new Map<ReceivedImage, IngestOutcome>();
    try {
      await this.#deps.locks.run(keys, () => this.#storeLocked(received, outcomes));
    } finally {
      for (const image of received) {
        const outcome = outcomes.get(image);
        if (outcome === undefined || 'error' in outcome || !outcome.isNew) await this.discard(image);
      }
    }
    return received.map(
      (image) => outcomes.get(image) ?? { error: new FleetError('INTERNAL', 'A file got no outcome.') },
    );
  }

  async #storeLocked(received: readonly ReceivedImage[], outcomes: Map<ReceivedImage, IngestOutcome>): Promise<void> {
    const twins = await this.#settleKnown(received, outcomes);
    // Bytes get their name before the record speaks of them. That nobody else stores a chosen id between the look-up
    // above and the write below is what its lock is for; an id of our own nobody else can know.
    const published: ReceivedImage[] = [];
    const open = received.filter((image) => !outcomes.has(image));
    const commit = { mayBeDone: false };
    try {
      await this.#publish(open, published);
      await this.#write(received, outcomes, commit);
    } finally {
      // A record that may come to light at the next start must find its file; one that does not leaves a file too many.
      const withoutRecord = commit.mayBeDone
        ? []
        : published.filter((image) => !('record' in (outcomes.get(image) ?? {})));
      const paths = withoutRecord.map(({ path }) => path);
      await takeBack(paths, this.#deps);
    }
    for (const [twin, first] of twins) outcomes.set(twin, outcomeOfTwin(twin, first, outcomes.get(first)));
  }

  /** Answers what is stored under a chosen id already; returns the files whose id came earlier in the same request. */
  async #settleKnown(
    received: readonly ReceivedImage[],
    outcomes: Map<ReceivedImage, IngestOutcome>,
  ): Promise<ReadonlyMap<ReceivedImage, ReceivedImage>> {
    const firstOfId = new Map<string, ReceivedImage>();
    const twins = new Map<ReceivedImage, ReceivedImage>();
    for (const image of received) {
      if (image.chosenId === undefined) continue;
      const first = firstOfId.get(image.chosenId);
      if (first !== undefined) {
        twins.set(image, first);
        outcomes.set(image, idTaken(image));
        continue;
      }
      firstOfId.set(image.chosenId, image);
      const existing = await this.#deps.catalog.findById(image.chosenId);
      if (existing?.kind !== 'present') continue;
      if (existing.sha256 !== image.staged.sha256) outcomes.set(image, idTaken(image));
      // A record whose file is gone must not be acknowledged: the bytes at hand are published in its place.
      else if (await hasCopy(this.#deps.store, existing))
        outcomes.set(image, { record: existing, isNew: false, targets: [] });
    }
    return twins;
  }

  /** Adds to `published` what has its name, also when it fails; none is under way any more then. */
  async #publish(images: readonly ReceivedImage[], published: ReceivedImage[]): Promise<void> {
    for (let start = 0; start < images.length; start += PUBLISH_WIDTH) {
      const slice = images.slice(start, start + PUBLISH_WIDTH);
      const ends = await Promise.allSettled(
        slice.map((image) => this.#deps.store.publish(image.staged.stagingName, image.path)),
      );
      // Those that failed, too: a folder that could not be synced has the new name all the same.
      published.push(...slice);
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
  }

  async #write(
    received: readonly ReceivedImage[],
    outcomes: Map<ReceivedImage, IngestOutcome>,
    commit: { mayBeDone: boolean },
  ): Promise<void> {
    const { store, catalog, replication, now } = this.#deps;
    for (let round = 0; round < MAX_WRITE_ROUNDS; round += 1) {
      const open = received.filter((image) => !outcomes.has(image));
      if (open.length === 0) return;
      const targets = replication.targets();
      const writes = open.map((image) => localWrite(image, targets));
      const written = await catalog.write(writes, now()).catch(async (cause: unknown) => {
        const { mayBeDone, error } = await judgeFailedCommit(cause, store);
        commit.mayBeDone = mayBeDone;
        throw error;
      });
      const isStored = written.outcomes.every((result) => 'record' in result);
      written.outcomes.forEach((result, index) => {
        const image = open[index];
        if (image === undefined) return;
        if ('existing' in result) outcomes.set(image, idTaken(image));
        else if (isStored) outcomes.set(image, { record: result.record, isNew: result.outcome === 'stored', targets });
      });
      if (!isStored) continue;
      this.#announce(open, outcomes);
      if (written.notes.length > 0) replication.note(written.notes);
      replication.wake();
      return;
    }
    throw new FleetError('PATH_BUSY', 'Other writers keep taking the ids of this request.');
  }

  #announce(images: readonly ReceivedImage[], outcomes: ReadonlyMap<ReceivedImage, IngestOutcome>): void {
    for (const image of images) {
      const outcome = outcomes.get(image);
      if (outcome === undefined || 'error' in outcome || !outcome.isNew) continue;
      this.#deps.onStored?.(outcome.record);
    }
  }
}

function localWrite(image: ReceivedImage, targets: readonly DeliveryTarget[]): LocalWrite {
  const { staged, path, mediaType, originalName } = image;
  const { sha256, sizeBytes } = staged;
  return { path, sha256, sizeBytes, mediaType, originalName, mode: 'create', stagingName: null, targets };
}

function idTaken(image: ReceivedImage): IngestOutcome {
  return { error: new FleetError('ID_TAKEN', `Other bytes are stored under ${image.path}.`) };
}

function outcomeOfTwin(twin: ReceivedImage, first: ReceivedImage, outcome: IngestOutcome | undefined): IngestOutcome {
  if (outcome === undefined || 'error' in outcome || twin.staged.sha256 !== first.staged.sha256) return idTaken(twin);
  return { ...outcome, isNew: false };
}
