import { foldPath, idOfPath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { CatalogRecord, DeliveryTarget } from '#store/catalog.ts';
import { judgeFailedCommit } from '#store/failed-commit.ts';
import type { StagedImage } from '#store/image-store.ts';
import { freshTrashName } from '#store/trash.ts';
import { acceptedType, assertExtensionFits, type ImageType } from './accepted-type.ts';
import { hasCopy } from './has-copy.ts';
import type { IngestDeps, IngestOutcome } from './ingest.ts';
import type { StagingSweep } from './staging-sweep.ts';

export interface PutOptions {
  readonly overwrite: boolean;
  readonly signal?: AbortSignal;
}

export type PutOutcome = Extract<IngestOutcome, { record: unknown }>;

export interface PutNamedDeps extends Omit<IngestDeps, 'uuid'> {
  readonly sweep: StagingSweep;
}

interface NamedWrite extends PutOptions {
  readonly path: ImagePath;
  readonly staged: StagedImage;
  readonly type: ImageType;
  /** Whether a record names the staged bytes, or may do so: then they stay where they are. */
  readonly commit: { mayBeDone: boolean };
}

/**
 * Stores an image under the path its caller chose. Equal bytes at the path are the same image and change nothing, unless
 * it is an overwrite: other bytes may be on their way from another server, and what was acknowledged last is to win.
 */
export class PutNamed {
  readonly #deps: PutNamedDeps;

  constructor(deps: PutNamedDeps) {
    this.#deps = deps;
  }

  /** Throws what ingest throws, PATH_TAKEN, PATH_CASE_TAKEN, PATH_BUSY, and NOT_AN_IMAGE when the extension does not fit. */
  async put(path: ImagePath, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<PutOutcome> {
    const { store, config, locks } = this.#deps;
    const { signal } = options;
    const staged = await store.stage(source, {
      maxBytes: config.limits.fileSize,
      freesChunks: true,
      ...(signal && { signal }),
    });
    const commit = { mayBeDone: false };
    try {
      const type = acceptedType(staged, config.limits);
      assertExtensionFits(path, type);
      return await locks.run([foldPath(path)], () => this.#store({ path, staged, type, ...options, commit }));
    } finally {
      // The record names the staged bytes then: also when the rename failed they must stay, recovery needs them.
      if (!commit.mayBeDone) await store.discard(staged.stagingName);
    }
  }

  async #store(put: NamedWrite): Promise<PutOutcome> {
    const { store, catalog, now } = this.#deps;
    const { path, staged, overwrite } = put;
    const existing = await catalog.findAnyCase(path);
    if (existing?.kind === 'present') {
      assertSameSpelling(path, existing);
      if (existing.sha256 !== staged.sha256) assertMayReplace(path, overwrite);
      // Under a generated name nobody stores other bytes, so none can be on their way.
      else if (!overwrite || idOfPath(path) !== undefined) return this.#keepSame(put, existing);
      // The bytes lie at their path already: only the record becomes new.
      else if (await this.#isInPlace(path, existing)) return this.#write(put, null);
    }
    // For a create, too: besides keeping what is there it makes the staged name survive a power cut, and the record that
    // is written next speaks of that name.
    const replaced = existing?.stagingName ?? null;
    await store.keepOld(path, existing?.version ?? unknownNameFor(staged, now()), replaced);
    const outcome = await this.#write(put, staged.stagingName);
    // Still there only when its own rename failed; nothing names it any more, and the trash has its bytes.
    if (replaced !== null && outcome.isNew) await store.discard(replaced).catch(() => undefined);
    return outcome;
  }

  /** Whether the record's bytes lie at its path. A rename that may not have happened is done for it. */
  async #isInPlace(path: ImagePath, existing: CatalogRecord & PresentRecord): Promise<boolean> {
    const { store } = this.#deps;
    const { stagingName } = existing;
    try {
      if (stagingName !== null) await store.publish(stagingName, path);
      return await hasCopy(store, { ...existing, stagingName: null });
    } catch {
      // The bytes at hand take their place, and whoever writes them hears of what fails.
      return false;
    }
  }

  async #keepSame({ path, staged }: NamedWrite, existing: CatalogRecord & PresentRecord): Promise<PutOutcome> {
    const { store } = this.#deps;
    // A record whose file is gone must not be acknowledged: the bytes at hand are published in its place.
    if (!(await hasCopy(store, existing))) await store.publish(staged.stagingName, path);
    return { record: existing, isNew: false, targets: [] };
  }

  /** Commits the record, which names the staged bytes unless they lie at their path already (null). */
  async #write(put: NamedWrite, stagingName: string | null): Promise<PutOutcome> {
    const { replication, onStored } = this.#deps;
    const { path } = put;
    const targets = replication.targets();
    const { outcomes, notes } = await this.#commit(put, { stagingName, targets });
    const result = outcomes[0];
    if (result === undefined) throw new FleetError('INTERNAL', 'The catalog gave no outcome.');
    if ('existing' in result) throw result.outcome === 'taken' ? pathTaken(path) : caseTaken(result.existing.path);
    if (result.outcome === 'same') return { record: result.record, isNew: false, targets: [] };
    // The commit comes before the rename, for a create too: it is the catalog that decides between two writers of one
    // path, and the one that loses must not have put its bytes over the other's. Recovery redoes the rename.
    if (stagingName !== null) await this.#rename(stagingName, result.record);
    onStored?.(result.record);
    if (notes.length > 0) replication.note(notes);
    replication.wake();
    return { record: result.record, isNew: true, targets };
  }

  /**
   * From the commit on the image is stored, and a rename that fails changes nothing of that: it is read under its staged
   * name, which the record has and a power cut leaves, until the next start renames it.
   */
  async #rename(stagingName: string, record: PresentRecord): Promise<void> {
    const { store, sweep, logger } = this.#deps;
    try {
      await store.publish(stagingName, record.path as ImagePath);
      sweep.add(record);
    } catch (error) {
      logger.warn('ingest.notRenamed', { path: record.path, error });
    }
  }

  async #commit(
    { path, staged, type, overwrite, commit }: NamedWrite,
    more: { readonly stagingName: string | null; readonly targets: readonly DeliveryTarget[] },
  ) {
    const { store, catalog, now } = this.#deps;
    const { sha256, sizeBytes } = staged;
    const originalName = path.slice(path.lastIndexOf('/') + 1);
    const mode = overwrite ? 'overwrite' : 'create';
    const bytes = { sha256, sizeBytes, mediaType: type.mediaType };
    try {
      const written = await catalog.write([{ path, originalName, mode, ...bytes, ...more }], now());
      commit.mayBeDone = more.stagingName !== null && written.outcomes[0]?.outcome === 'stored';
      return written;
    } catch (cause) {
      const { mayBeDone, error } = await judgeFailedCommit(cause, store);
      commit.mayBeDone = more.stagingName !== null && mayBeDone;
      throw error;
    }
  }
}

/** A file that nobody knows may lie at the path all the same. Staging names are unique, so their characters make it one. */
function unknownNameFor({ stagingName }: StagedImage, nowMs: number): string {
  return freshTrashName(nowMs, stagingName);
}

function assertSameSpelling(path: ImagePath, existing: CatalogRecord): void {
  if (existing.path !== path) throw caseTaken(existing.path);
}

function assertMayReplace(path: ImagePath, overwrite: boolean): void {
  if (idOfPath(path) !== undefined) {
    throw new FleetError('PATH_TAKEN', `Other bytes are stored under ${path}, and a generated name never changes.`, {
      hint: 'Caches keep generated names for ever. Upload the new bytes as a new image.',
    });
  }
  if (!overwrite) throw pathTaken(path);
}

function pathTaken(path: string): FleetError {
  return new FleetError('PATH_TAKEN', `Other bytes are stored under ${path}.`);
}

function caseTaken(existing: string): FleetError {
  return new FleetError('PATH_CASE_TAKEN', `${existing} is stored, which differs in upper and lower case only.`);
}
