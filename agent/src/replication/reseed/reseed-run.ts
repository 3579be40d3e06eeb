import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog } from '#store/catalog.ts';
import type { PullDeps } from '../repair/pull-records.ts';
import type { RepairPeer } from '../repair/repair-peer.ts';
import type { Repair } from '../repair/repair.ts';
import type { PeerStatus } from '../replication.ts';
import type { CopySource } from './copy-source.ts';
import { refill, type RefillDeps } from './refill.ts';
import { newRefillProgress } from './restore-from-many.ts';
import type { BeginReseed, ReseedingDeps } from './reseeding.ts';
import { bytesOf, failuresOf, seed, type SeedProgress } from './seed.ts';

/** How long peers may take for a short question. */
const ASK_MS = 5_000;
/** Paths that one line of the log names. */
const NAMED_PATHS = 20;

export interface ReseedRunDeps extends PullDeps, Omit<RefillDeps, 'sources' | 'catalog' | 'store'> {
  readonly catalog: Catalog;
  readonly store: PullDeps['store'];
  readonly repair: Pick<Repair, 'takeTurn' | 'view'>;
  readonly peers: ReadonlyMap<string, RepairPeer>;
  readonly sources: ReadonlyMap<string, CopySource>;
  readonly statuses: () => readonly PeerStatus[];
  readonly logger: Logger;
}

/** The two tasks of a server that lost something; for Reseeding. */
export function reseedRun(deps: ReseedRunDeps): ReseedingDeps['run'] {
  return async (task, begin, signal) => {
    // Right after a start: in a moment it is known who answers, and the work is shared among all who do.
    if (deps.statuses().some(({ state }) => state === 'unknown')) return false;
    return task === 'files' ? fillFiles(deps, begin, signal) : fillRecords(deps, begin, signal);
  };
}

/** The records are there: nothing is deleted because a file is not, and its file comes back. */
async function fillFiles(deps: ReseedRunDeps, begin: BeginReseed, signal: AbortSignal): Promise<boolean> {
  const { catalog, logger } = deps;
  if (deps.peers.size === 0) {
    logger.warn('reseed.noPeers', { images: await catalog.countImages() });
    return true;
  }
  const progress = newRefillProgress();
  const sources = (): readonly CopySource[] => namesUp(deps).flatMap((name) => deps.sources.get(name) ?? []);
  await begin({
    total: await catalog.countImages(),
    countDone: () => Promise.resolve(progress.done),
    bytesDone: () => progress.bytesDone,
  });
  await refill({ ...deps, sources }, progress, signal);
  const { failed, silent } = progress;
  if (failed.count === 0) return true;
  const wereAllAsked = silent.size === 0 && namesUp(deps).length === deps.peers.size;
  logger.error('reseed.filesMissing', { count: failed.count, paths: pathsOf(failed.listed), wereAllAsked });
  // What nobody has is lost, whoever looks for it again; all else may come later.
  return wereAllAsked && failed.countOf('OWN_COPY_MISSING') === failed.count;
}

/** The catalog is new: the peers know whether this server has been here before. Either way it takes all that they have. */
async function fillRecords(deps: ReseedRunDeps, begin: BeginReseed, signal: AbortSignal): Promise<boolean> {
  const { catalog, logger, repair } = deps;
  if (deps.peers.size === 0) return true;
  const names = namesUp(deps);
  const peers = names.flatMap((name) => deps.peers.get(name) ?? []);
  if (peers.length === 0) return false;
  const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  const view = repair.view(null);
  const [ids, roots, images] = await Promise.all([
    Promise.all(names.flatMap((name) => deps.sources.get(name)?.knownIds(within) ?? [])),
    Promise.all(peers.map((peer) => peer.root(view, within))),
    catalog.countImages(),
  ]);
  const knownAs = [...new Set(ids.flat())].filter((id) => id !== catalog.serverId);
  const progress: SeedProgress = { comparisons: [] };
  const total = Math.max(...roots.map((root) => root.images));
  if (total > images) {
    logger.warn(knownAs.length > 0 ? 'reseed.replacedServer' : 'reseed.newServer', { knownAs, total, from: names });
    await begin({ total, countDone: () => catalog.countImages(), bytesDone: () => bytesOf(progress) });
  }
  await repair.takeTurn(() => seed(peers, { ...deps, view }, progress, signal));
  const failed = failuresOf(progress);
  const wereAllAsked = peers.length === deps.peers.size;
  if (failed.count > 0) {
    logger.warn('reseed.imagesFailed', { count: failed.count, paths: pathsOf(failed.listed), wereAllAsked });
  }
  // A peer that is down may be the only one that has some of them; what a peer lacks itself, no further run brings.
  return wereAllAsked && failed.count === failed.absent;
}

function namesUp({ statuses }: ReseedRunDeps): readonly string[] {
  return statuses().flatMap(({ name, state }) => (state === 'up' ? [name] : []));
}

function pathsOf(failed: readonly { readonly path: string; readonly code: string }[]): readonly string[] {
  return failed.slice(0, NAMED_PATHS).map(({ path, code }) => `${path} [${code}]`);
}
