import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { foldPath, idOfPath, parseImagePath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog, CatalogRecord, MergeOutcome } from '#store/catalog.ts';
import { judgeFailedCommit } from '#store/failed-commit.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { PathLocks } from '#store/path-locks.ts';
import { unknownTrashName } from '#store/trash.ts';
import { asFleetError, needsBytes, type TakenEntry } from './batch-intake.ts';
import type { EntryOutcome } from './batch-manifest.ts';
import { lacksOwnBytes, putOwnBytesBack } from './own-bytes.ts';

export interface CommitDeps {
  readonly store: Pick<ImageStore, 'sizeOf' | 'isSameFile' | 'publish' | 'unpublish' | 'keepOld' | 'discard' | 'space'>;
  readonly catalog: Pick<Catalog, 'findManyAnyCase' | 'merge' | 'clearStaging'>;
  /** The same locks as local writes take. */
  readonly locks: PathLocks;
  readonly now: () => number;
  readonly logger: Logger;
}

/** What is to be done with an entry's bytes. */
type Plan =
  | { readonly kind: 'recordOnly' }
  /** Nothing can lie at the path, so the name may come before the record: a crash between them leaves a file that nobody knows, and the entry comes again. */
  | { readonly kind: 'nameFirst'; readonly stagingName: string }
  /** Something may lie there: the record that names the staged file comes first, and recovery redoes the rename. */
  | { readonly kind: 'recordFirst'; readonly stagingName: string };

interface Item {
  readonly index: number;
  readonly path: ImagePath;
  readonly record: ImageRecord;
  readonly plan: Plan;
  /** What this server had there before. */
  readonly own: CatalogRecord | undefined;
}

/** Gives a batch of taken entries their names and records, in one commit, and answers entry by entry when both survive a power cut. */
export async function commitBatch(entries: readonly TakenEntry[], deps: CommitDeps): Promise<readonly EntryOutcome[]> {
  const outcomes = new Map<number, EntryOutcome>();
  const keys: string[] = [];
  for (const [index, entry] of entries.entries()) {
    if ('error' in entry) outcomes.set(index, errorOutcome(entry.error));
    else keys.push(foldPath(entry.path));
  }
  const commit = new BatchCommit(entries, outcomes, deps);
  try {
    await deps.locks.run(keys, () => commit.run());
  } catch (error) {
    const outcome = errorOutcome(asFleetError(error));
    return entries.map((_, index) => outcomes.get(index) ?? outcome);
  } finally {
    await commit.discardRest();
  }
  const missing = errorOutcome(new FleetError('INTERNAL', 'an entry got no outcome'));
  return entries.map((_, index) => outcomes.get(index) ?? missing);
}

class BatchCommit {
  readonly #entries: readonly TakenEntry[];
  readonly #outcomes: Map<number, EntryOutcome>;
  readonly #deps: CommitDeps;
  /** Staged bytes that have got no path, and that no record can speak of. */
  readonly #unclaimed: Set<string>;

  constructor(entries: readonly TakenEntry[], outcomes: Map<number, EntryOutcome>, deps: CommitDeps) {
    this.#entries = entries;
    this.#outcomes = outcomes;
    this.#deps = deps;
    this.#unclaimed = new Set(entries.flatMap((entry) => ('error' in entry ? [] : (entry.stagingName ?? []))));
  }

  async run(): Promise<void> {
    const { catalog } = this.#deps;
    const paths = this.#entries.flatMap((entry) => ('error' in entry ? [] : [entry.path]));
    if (paths.length === 0) return;
    // In any spelling: the winner of two that differ in case only replaces the other, whatever the disk makes of it.
    const own = await catalog.findManyAnyCase(paths);
    const items: Item[] = [];
    for (const [index, entry] of this.#entries.entries()) {
      if ('error' in entry) continue;
      const plan = await this.#plan(entry, own.get(entry.path));
      if (plan instanceof FleetError) this.#outcomes.set(index, errorOutcome(plan));
      else items.push({ index, path: entry.path, record: entry.record, plan, own: own.get(entry.path) });
    }
    // Bounded by the entries of one batch, and the store shares what these wait for.
    await Promise.all(items.map((item) => this.#beforeCommit(item)));
    const open = items.filter(({ index }) => !this.#outcomes.has(index));
    if (open.length === 0) return;
    const merged = await this.#merge(open);
    const renamed = await Promise.all(open.map((item, at) => this.#afterCommit(item, merged[at])));
    await this.#clearStaging(open.filter((_, at) => renamed[at]));
  }

  /** Gives back the room of what came to nothing; the rest is for the next start, which asks the catalog. Never rejects. */
  async discardRest(): Promise<void> {
    const { store, logger } = this.#deps;
    const names = [...this.#unclaimed];
    const ends = await Promise.allSettled(names.map((name) => store.discard(name)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) logger.warn('replica.notDiscarded', { error: failed.reason as unknown });
  }

  async #plan(
    entry: Exclude<TakenEntry, { error: FleetError }>,
    own: CatalogRecord | undefined,
  ): Promise<Plan | FleetError> {
    const { path, record, stagingName } = entry;
    const isNeeded = record.kind === 'present' && needsBytes(record, own);
    if (stagingName === null) {
      return isNeeded
        ? new FleetError('PATH_BUSY', `${path} was changed while its copy arrived`)
        : { kind: 'recordOnly' };
    }
    if (!isNeeded) return this.#putBack(record, stagingName, own);
    // Under a generated name nothing can lie that has no record. Under any other name a file may, also one that the
    // file system takes for the same in another spelling, and it must be kept first.
    const isFree = own === undefined && idOfPath(path) !== undefined;
    return { kind: isFree ? 'nameFirst' : 'recordFirst', stagingName };
  }

  /** Before the record, and right also without it: the bytes are those that our own record speaks of. */
  async #putBack(record: ImageRecord, stagingName: string, own: CatalogRecord | undefined): Promise<Plan | FleetError> {
    const { store, logger } = this.#deps;
    try {
      if (own !== undefined && (await lacksOwnBytes(record, own, store))) {
        await putOwnBytesBack(stagingName, own, this.#deps);
        this.#unclaimed.delete(stagingName);
        logger.warn('replica.putBack', { path: own.path });
      }
      return { kind: 'recordOnly' };
    } catch (error) {
      return asFleetError(error);
    }
  }

  async #beforeCommit({ index, path, record, plan, own }: Item): Promise<void> {
    const { store } = this.#deps;
    if (plan.kind === 'recordOnly') return;
    try {
      if (plan.kind === 'recordFirst') {
        if (own !== undefined) await store.keepOld(parseImagePath(own.path), own.version, own.stagingName);
        // Also where there is nothing to keep: it makes the staged name itself survive a power cut.
        if (own?.path !== path) await store.keepOld(path, unknownTrashName(record.version));
      } else {
        await store.publish(plan.stagingName, path);
        this.#unclaimed.delete(plan.stagingName);
      }
    } catch (error) {
      this.#outcomes.set(index, errorOutcome(asFleetError(error)));
    }
  }

  async #merge(items: readonly Item[]): Promise<readonly MergeOutcome[]> {
    const { catalog, store, now } = this.#deps;
    try {
      return await catalog.merge(items.map(mergeWrite), now());
    } catch (cause) {
      const { mayBeDone, error } = await judgeFailedCommit(cause, store);
      // The records may come to light at the next start, and then they need the bytes that they name.
      if (mayBeDone) for (const { plan } of items) if ('stagingName' in plan) this.#unclaimed.delete(plan.stagingName);
      if (!mayBeDone) await Promise.all(items.map((item) => this.#takeBack(item)));
      throw error;
    }
  }

  /** True when the record still names a staged file that has just been renamed. */
  async #afterCommit(item: Item, merged: MergeOutcome | undefined): Promise<boolean> {
    const { store, logger } = this.#deps;
    const { index, path, plan, own } = item;
    this.#outcomes.set(index, outcomeOf(merged));
    if (merged?.outcome === 'refused') await this.#takeBack(item);
    if (plan.kind !== 'recordFirst' || merged?.outcome !== 'stored') return false;
    this.#unclaimed.delete(plan.stagingName);
    // Still there only when its own rename failed; nothing names it any more, and the trash has its bytes.
    if (typeof own?.stagingName === 'string') this.#unclaimed.add(own.stagingName);
    try {
      await store.publish(plan.stagingName, path);
    } catch (error) {
      // The record names the staged file: it is read from there, and recovery renames it at the next start.
      logger.warn('replica.notRenamed', { path, error });
      return false;
    }
    if (own !== undefined && own.path !== path) await this.#dropSpelling(parseImagePath(own.path), path);
    return true;
  }

  /** A name without a record: nobody would ever know or delete the file. Never rejects. */
  async #takeBack({ path, plan }: Item): Promise<void> {
    const { store, logger } = this.#deps;
    if (plan.kind !== 'nameFirst') return;
    await store.unpublish(path).catch((error: unknown) => logger.warn('replica.notTakenBack', { path, error }));
  }

  /**
   * The loser's bytes are in the trash, and no record names its path any more. A crash before this, or a failure, leaves
   * its file to the look through the tree after the next start.
   */
  async #dropSpelling(lost: ImagePath, path: ImagePath): Promise<void> {
    const { store, logger } = this.#deps;
    try {
      if (await store.isSameFile(lost, path)) return;
      await store.unpublish(lost);
      logger.info('replica.otherSpelling', { path, lost });
    } catch (error) {
      logger.warn('replica.otherSpellingLeft', { path, lost, error });
    }
  }

  async #clearStaging(renamed: readonly Item[]): Promise<void> {
    if (renamed.length === 0) return;
    try {
      await this.#deps.catalog.clearStaging(
        renamed.map(({ record }) => ({ path: record.path, version: record.version })),
      );
    } catch (error) {
      // Recovery finds the rename done and clears it then.
      this.#deps.logger.warn('replica.stagingNotCleared', { count: renamed.length, error });
    }
  }
}

function mergeWrite({ record, plan }: Item): { readonly record: ImageRecord; readonly stagingName: string | null } {
  return { record, stagingName: plan.kind === 'recordFirst' ? plan.stagingName : null };
}

function outcomeOf(merged: MergeOutcome | undefined): EntryOutcome {
  if (merged === undefined) return errorOutcome(new FleetError('INTERNAL', 'the catalog gave no outcome'));
  if (merged.outcome !== 'refused') return { outcome: merged.outcome };
  return { outcome: 'error', error: { code: merged.code, message: merged.message } };
}

function errorOutcome({ code, message }: FleetError): EntryOutcome {
  return { outcome: 'error', error: { code, message } };
}
