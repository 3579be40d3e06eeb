import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { foldPath, parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Catalog, CatalogRecord } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { PathLocks } from '#store/path-locks.ts';
import { asFleetError } from '../batch-intake.ts';
import { concernsPeer } from '../admission.ts';
import { parseManifest } from '../batch-manifest.ts';
import { putOwnBytesBack } from '../own-bytes.ts';
import type { FailureList } from './failure-list.ts';
import { inParallel } from './in-parallel.ts';
import type { CopyGiver } from './fetch-copies.ts';

/** Records in one page, and files that are looked at or fetched at the same time. */
const PAGE = 1000;
const LOOK_WIDTH = 32;
const FETCH_WIDTH = 3;

export interface RestoreDeps {
  readonly store: Pick<ImageStore, 'sizeOf' | 'stage' | 'publish' | 'keepOld' | 'discard'>;
  readonly catalog: Pick<Catalog, 'find' | 'findMany' | 'listImages' | 'clearStaging' | 'deliveriesOf' | 'requeue'>;
  readonly locks: PathLocks;
  /** Deliveries may go out again. */
  readonly wake: () => void;
  /** Those that answer, in the order in which they are asked. */
  readonly peers: readonly CopyGiver[];
}

/** How far the look at the own files has come; grows while it runs. */
export interface CopyCheck {
  checked: number;
  missing: number;
  restored: number;
  readonly failed: FailureList;
}

/**
 * Looks whether every image of the catalog has its file, in its size, and fetches those again that have not, from the
 * first peer that has them whole. The bytes of a file that is there are not read. A peer that fails as a whole is asked no
 * more in this run: its timeout for each image would take hours. Rejects with DISK_FULL when the own disk takes no more.
 */
export async function restoreCopies(deps: RestoreDeps, progress: CopyCheck, signal: AbortSignal): Promise<void> {
  const silent = new Map<string, FleetError>();
  for (let after: string | undefined = ''; after !== undefined;) {
    const page: readonly PresentRecord[] = await deps.catalog.listImages({ after, limit: PAGE });
    const missing: CatalogRecord[] = [];
    await inParallel(page, LOOK_WIDTH, async (image) => {
      signal.throwIfAborted();
      // The listed record does not tell whether its bytes are still staged; only what seems missing is looked up again.
      if ((await deps.store.sizeOf(parseImagePath(image.path))) === image.sizeBytes) return;
      const record = await deps.catalog.find(image.path);
      if (record !== undefined && !(await hasCopy(deps, record))) missing.push(record);
    });
    progress.checked += page.length;
    progress.missing += missing.length;
    await inParallel(missing, FETCH_WIDTH, (record) => restoreOne(record, { ...deps, silent }, progress, signal));
    after = page.length < PAGE ? undefined : page.at(-1)?.path;
  }
}

async function restoreOne(
  record: CatalogRecord,
  deps: RestoreDeps & { readonly silent: Map<string, FleetError> },
  progress: CopyCheck,
  signal: AbortSignal,
): Promise<void> {
  if (record.kind !== 'present') return;
  let failure = new FleetError('OWN_COPY_MISSING', `no server that answers has a whole copy of ${record.path}`);
  for (const peer of deps.peers) {
    signal.throwIfAborted();
    const silence = deps.silent.get(peer.name);
    if (silence !== undefined) {
      failure = silence;
      continue;
    }
    try {
      if (!(await restoreFrom(peer, record, deps, signal))) continue;
      progress.restored += 1;
      await revive(record, deps);
      return;
    } catch (error) {
      failure = asFleetError(error);
      if (failure.code === 'DISK_FULL') throw failure;
      if (concernsPeer(failure.code)) deps.silent.set(peer.name, failure);
    }
  }
  progress.failed.add({ path: record.path, code: failure.code, message: failure.message });
}

/** False when the peer has no copy of exactly this version. */
async function restoreFrom(
  peer: Pick<CopyGiver, 'fetch'>,
  record: CatalogRecord & PresentRecord,
  { store, catalog, locks }: RestoreDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const { version, sha256, sizeBytes } = record;
  const path = parseImagePath(record.path);
  const answer = await peer.fetch([record], signal);
  try {
    const [entry] = parseManifest(answer.line).entries;
    if (entry?.kind !== 'present' || entry.path !== path || entry.sha256 !== sha256) return false;
    const staged = await store.stage(await answer.decoder.body(sizeBytes), { maxBytes: sizeBytes });
    if (staged.sha256 !== sha256) {
      await store.discard(staged.stagingName);
      throw new FleetError('DIGEST_MISMATCH', `what arrived of ${path} does not have the hash of its record`);
    }
    try {
      await locks.run([foldPath(path)], async () => {
        // Somebody wrote another version meanwhile: it has bytes of its own.
        if ((await catalog.find(path))?.version !== version) return;
        await putOwnBytesBack(staged.stagingName, record, { store, catalog });
      });
    } finally {
      // Gone when it got its path; else no record names it.
      await store.discard(staged.stagingName).catch(() => undefined);
    }
    return true;
  } finally {
    answer.close();
  }
}

/** Deliveries that died of the missing copy go out again. */
async function revive({ path, version }: CatalogRecord, { catalog, wake }: RestoreDeps): Promise<void> {
  const rows = await catalog.deliveriesOf(path);
  const ids = rows.filter((row) => row.state === 'dead' && row.version === version).map(({ id }) => id);
  if (ids.length === 0) return;
  await catalog.requeue({ ids, states: ['dead'] });
  wake();
}

async function hasCopy({ store }: RestoreDeps, record: CatalogRecord): Promise<boolean> {
  if (record.kind !== 'present') return true;
  return (await store.sizeOf(parseImagePath(record.path), record.stagingName)) === record.sizeBytes;
}
