import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog } from '#store/catalog.ts';
import type { DigestView } from '#store/repair-reads.ts';
import { asFleetError } from '../batch-intake.ts';
import type { PullDeps } from '../repair/pull-records.ts';
import type { RepairPeer } from '../repair/repair-peer.ts';
import type { Repair } from '../repair/repair.ts';
import type { PeerStatus } from '../replication.ts';
import type { CopySource } from './copy-source.ts';
import { refill, type RefillDeps } from './refill.ts';
import type { Known } from './reseed-messages.ts';
import { newRefillProgress } from './restore-from-many.ts';
import type { BeginReseed, ReseedingDeps, RunEnd } from './reseeding.ts';
import { retireStale, type StaleNamedDeps } from './stale-named.ts';
import { bytesOf, failuresOf, seed, type SeedProgress } from './seed.ts';

/** How long peers may take for a short question. */
const ASK_MS = 5_000;
/** Paths that one line of the log names. */
const NAMED_PATHS = 20;

export interface ReseedRunDeps
  extends PullDeps, Omit<RefillDeps, 'sources' | 'catalog' | 'store'>, Pick<StaleNamedDeps, 'uuid'> {
  readonly catalog: Catalog;
  readonly store: PullDeps['store'] & StaleNamedDeps['store'];
  readonly repair: Pick<Repair, 'takeTurn' | 'view'>;
  readonly peers: ReadonlyMap<string, RepairPeer>;
  readonly sources: ReadonlyMap<string, CopySource>;
  readonly statuses: () => readonly PeerStatus[];
  readonly logger: Logger;
}

/** The tasks of a server that lost something; for Reseeding. */
export function reseedRun(deps: ReseedRunDeps): ReseedingDeps['run'] {
  return async (task, begin, signal) => {
    if (task === 'named') {
      await retireStale(deps, signal);
      return 'done';
    }
    // Right after a start: in a moment it is known who answers, and the work is shared among all who do.
    if (deps.statuses().some(({ state }) => state === 'unknown')) return 'unfinished';
    return task === 'files' ? fillFiles(deps, begin, signal) : fillRecords(deps, begin, signal);
  };
}

/** The records are there: nothing is deleted because a file is not, and its file comes back. */
async function fillFiles(deps: ReseedRunDeps, begin: BeginReseed, signal: AbortSignal): Promise<RunEnd> {
  const { catalog, logger } = deps;
  if (deps.peers.size === 0) {
    logger.warn('reseed.noPeers', { images: await catalog.countImages() });
    return 'done';
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
  if (failed.count === 0) return 'done';
  const wereAllAsked = silent.size === 0 && namesUp(deps).length === deps.peers.size;
  logger.error('reseed.filesMissing', { count: failed.count, paths: pathsOf(failed.listed), wereAllAsked });
  // What nobody has is lost, whoever looks for it again; all else may come later.
  return wereAllAsked && failed.countOf('OWN_COPY_MISSING') === failed.count ? 'done' : 'unfinished';
}

/** What a peer told of its set, and of this server. */
interface AnsweringPeer {
  readonly peer: RepairPeer;
  readonly images: number;
  readonly known: Known;
}

/** The catalog is new: the peers know whether this server has been here before. Either way it takes all that they have. */
async function fillRecords(deps: ReseedRunDeps, begin: BeginReseed, signal: AbortSignal): Promise<RunEnd> {
  const { catalog, logger, repair } = deps;
  if (deps.peers.size === 0) return 'done';
  const view = repair.view(null);
  const answering = await askPeers(deps, view, signal);
  if (answering.length === 0) return 'unfinished';
  const from = answering.map(({ peer }) => peer.name);
  const knownAs = [...new Set(answering.flatMap(({ known }) => known.ids))].filter((id) => id !== catalog.serverId);
  const progress: SeedProgress = { comparisons: [] };
  const total = Math.max(...answering.map(({ images }) => images));
  if (total > (await catalog.countImages())) {
    logger.warn(knownAs.length > 0 ? 'reseed.replacedServer' : 'reseed.newServer', { knownAs, total, from });
    await begin({ total, countDone: () => catalog.countImages(), bytesDone: () => bytesOf(progress) });
  }
  const peers = answering.map(({ peer }) => peer);
  const { compared, failed } = await repair.takeTurn(() => seed(peers, { ...deps, view }, progress, signal));
  for (const [server, { code, message }] of failed) logger.warn('reseed.peerFailed', { server, code, message });
  const failures = failuresOf(progress);
  const wereAllAsked = compared.length === deps.peers.size;
  if (failures.count > 0) {
    logger.warn('reseed.imagesFailed', { count: failures.count, paths: pathsOf(failures.listed), wereAllAsked });
  }
  // What a peer lacks itself, no further run brings.
  if (failures.count > failures.absent) return 'unfinished';
  // A peer that was not asked may be the only one that has some of them.
  if (wereAllAsked) return 'done';
  const isOneWhole = answering.some(({ peer, known }) => known.hasWholeCatalog && compared.includes(peer.name));
  return isOneWhole ? 'catalogWhole' : 'unfinished';
}

/** Those that count as up and give a sensible answer now; one that does not keeps nobody else from giving. */
async function askPeers(deps: ReseedRunDeps, view: DigestView, signal: AbortSignal): Promise<readonly AnsweringPeer[]> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  const asked = namesUp(deps).map(async (name): Promise<AnsweringPeer | undefined> => {
    const [peer, source] = [deps.peers.get(name), deps.sources.get(name)];
    if (peer === undefined || source === undefined) return undefined;
    try {
      const [{ images }, known] = await Promise.all([peer.root(view, within), source.known(within)]);
      return { peer, images, known };
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = asFleetError(error);
      deps.logger.warn('reseed.peerFailed', { server: name, code, message });
      return undefined;
    }
  });
  return (await Promise.all(asked)).filter((giver) => giver !== undefined);
}

function namesUp({ statuses }: ReseedRunDeps): readonly string[] {
  return statuses().flatMap(({ name, state }) => (state === 'up' ? [name] : []));
}

function pathsOf(failed: readonly { readonly path: string; readonly code: string }[]): readonly string[] {
  return failed.slice(0, NAMED_PATHS).map(({ path, code }) => `${path} [${code}]`);
}
