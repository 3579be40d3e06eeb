import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { foldPath, idOfPath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog, CatalogRecord, MergeOutcome } from '#store/catalog.ts';
import { mayBeCommitted } from '#store/failed-commit.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { PathLocks } from '#store/path-locks.ts';
import { unknownTrashName } from '#store/trash.ts';
import { asFleetError, needsBytes, type TakenEntry } from './batch-intake.ts';
import type { EntryOutcome } from './batch-manifest.ts';
import { lacksOwnBytes, putOwnBytesBack } from './own-bytes.ts';

export interface CommitDeps {
  readonly store: Pick<ImageStore, 'sizeOf' | 'publish' | 'keepOld' | 'discard'>;
  readonly catalog: Pick<Catalog, 'findMany' | 'merge' | 'clearStaging'>;
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
}

/** Gives a batch of taken entries their names and records, in one commit, and answers entry by entry when both survive a power cut. */
export async function commitBatch(entries: readonly TakenEntry[], deps: CommitDeps): Promise<readonly EntryOutcome[]> {
  const outcomes = new Map<number, EntryOutcome>();
  const keys: string[] = [];
  for (const [index, entry] of entries.entries()) {
    if ('error' in entry) outcomes.set(index, errorOutcome(entry.error));
    else keys.push(foldPath(entry.path));
  }
  try {
    await deps.locks.run(keys, () => new BatchCommit(entries, outcomes, deps).run());
  } catch (error) {
    // Staged files stay until the next start where the commit may have happened all the same.
    const outcome = errorOutcome(asFleetError(error));
    return entries.map((_, index) => outcomes.get(index) ?? outcome);
  }
  const missing = errorOutcome(new FleetError('INTERNAL', 'an entry got no outcome'));
  return entries.map((_, index) => outcomes.get(index) ?? missing);
}

class BatchCommit {
  readonly #entries: readonly TakenEntry[];
  readonly #outcomes: Map<number, EntryOutcome>;
  readonly #deps: CommitDeps;

  constructor(entries: readonly TakenEntry[], outcomes: Map<number, EntryOutcome>, deps: CommitDeps) {
    this.#entries = entries;
    this.#outcomes = outcomes;
    this.#deps = deps;
  }

  async run(): Promise<void> {
    const { catalog } = this.#deps;
    const paths = this.#entries.flatMap((entry) => ('error' in entry ? [] : [entry.path]));
    if (paths.length === 0) return;
    const own = await catalog.findMany(paths);
    const items: Item[] = [];
    for (const [index, entry] of this.#entries.entries()) {
      if ('error' in entry) continue;
      const plan = await this.#plan(entry, own.get(entry.path));
      if (plan instanceof FleetError) this.#outcomes.set(index, errorOutcome(plan));
      else items.push({ index, path: entry.path, record: entry.record, plan });
    }
    // Bounded by the entries of one batch, and the store shares what these wait for.
    await Promise.all(items.map((item) => this.#beforeCommit(item, own.get(item.path))));
    const open = items.filter(({ index }) => !this.#outcomes.has(index));
    if (open.length === 0) return;
    const merged = await this.#merge(open);
    const renamed = await Promise.all(open.map((item, at) => this.#afterCommit(item, merged[at])));
    await this.#clearStaging(open.filter((_, at) => renamed[at]));
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
    if (!isNeeded) return this.#putBackOrDiscard({ path, record, stagingName }, own);
    // Under a generated name nothing can lie that has no record. Under any other name a file may, also one that the
    // file system takes for the same in another spelling, and it must be kept first.
    const isFree = own === undefined && idOfPath(path) !== undefined;
    return { kind: isFree ? 'nameFirst' : 'recordFirst', stagingName };
  }

  /** Before the record, and right also without it: the bytes are those that our own record speaks of. */
  async #putBackOrDiscard(
    { path, record, stagingName }: { path: ImagePath; record: ImageRecord; stagingName: string },
    own: CatalogRecord | undefined,
  ): Promise<Plan | FleetError> {
    const { store, logger } = this.#deps;
    try {
      if (own !== undefined && (await lacksOwnBytes(path, record, own, store))) {
        await putOwnBytesBack(path, stagingName, own, this.#deps);
        logger.warn('replica.putBack', { path });
      } else {
        await store.discard(stagingName);
      }
      return { kind: 'recordOnly' };
    } catch (error) {
      await store.discard(stagingName).catch(() => undefined);
      return asFleetError(error);
    }
  }

  async #beforeCommit({ index, path, record, plan }: Item, own: CatalogRecord | undefined): Promise<void> {
    const { store } = this.#deps;
    if (plan.kind === 'recordOnly') return;
    try {
      // Also where there is nothing to keep: it makes the staged name itself survive a power cut.
      if (plan.kind === 'recordFirst') await store.keepOld(path, own?.version ?? unknownTrashName(record.version));
      else await store.publish(plan.stagingName, path);
    } catch (error) {
      this.#outcomes.set(index, errorOutcome(asFleetError(error)));
      await store.discard(plan.stagingName);
    }
  }

  async #merge(items: readonly Item[]): Promise<readonly MergeOutcome[]> {
    const { catalog, store, now } = this.#deps;
    try {
      return await catalog.merge(items.map(mergeWrite), now());
    } catch (error) {
      if (!mayBeCommitted(error)) await Promise.all(items.map(({ plan }) => discardStaged(store, plan)));
      throw error;
    }
  }

  /** True when the record still names a staged file that has just been renamed. */
  async #afterCommit({ index, path, plan }: Item, merged: MergeOutcome | undefined): Promise<boolean> {
    const { store, logger } = this.#deps;
    this.#outcomes.set(index, outcomeOf(merged));
    if (plan.kind !== 'recordFirst') return false;
    const isStored = merged?.outcome === 'stored';
    try {
      if (isStored) await store.publish(plan.stagingName, path);
      else await store.discard(plan.stagingName);
      return isStored;
    } catch (error) {
      // The record names the staged file: it is read from there, and recovery renames it at the next start.
      logger.warn('replica.notRenamed', { path, error });
      return false;
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

async function discardStaged(store: CommitDeps['store'], plan: Plan): Promise<void> {
  if (plan.kind === 'recordFirst') await store.discard(plan.stagingName);
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
