import type { Backlog, ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { MonitorView } from '#monitor/monitor-view.ts';
import type { PeerStatus, Replication } from '#replication/replication.ts';
import type { Catalog, LedgerGroup } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import { askFleet, type FleetScopeDeps } from './fleet-scope.ts';
import { watchedEntry, withWatch } from './watched-servers.ts';

export interface ServerQueryDeps {
  readonly catalog: Pick<Catalog, 'summarize' | 'countImages'>;
  readonly store: Pick<ImageStore, 'space'>;
  readonly replication: Pick<Replication, 'peers' | 'inflightCount' | 'ask'>;
  readonly fleet: FleetScopeDeps;
  /** What watches the servers. */
  readonly monitor: MonitorView;
  /** How far this server is when it fills itself again. */
  readonly reseed?: () => Promise<ServerEntry['reseed']>;
  readonly now: () => number;
  readonly name: string;
  /** Where this server is reached. */
  readonly url: string;
}

/** What only a monitor can say of an agent. */
const UNWATCHED = { since: null, warmUpLeftMs: null, isAgent: true, address: null };

/** The servers of the fleet, as this server knows them or as all of them together do. What nobody knows is null. */
export function serverQueries(deps: ServerQueryDeps): Pick<OperatorHandlers, 'listServers'> {
  return {
    listServers: async ({ scope }) => {
      const own = await ownView(deps);
      if (scope === 'server') return { servers: own, silent: [] };
      const { answers, silent } = await askFleet(deps.fleet, 'listServers', () => ({ scope: 'server' }));
      const views = new Map([
        [deps.name, own],
        ...[...answers].map(([name, answer]) => [name, answer.servers] as const),
      ]);
      return { servers: own.map((entry) => (entry.isAgent ? merged(entry, views, silent) : entry)), silent };
    },
  };
}

async function ownView(deps: ServerQueryDeps): Promise<ServerEntry[]> {
  const [disk, images, groups, reseed] = await Promise.all([
    deps.store.space(),
    deps.catalog.countImages(),
    deps.catalog.summarize(),
    deps.reseed?.() ?? null,
  ]);
  const { name, url } = deps;
  // What others still owe this server, only they know.
  const own: ServerEntry = {
    ...{
      name,
      url,
      state: 'up',
      lagSeconds: null,
      backlog: null,
      images,
      unencrypted: isUnencrypted(url),
      cause: null,
    },
    ...UNWATCHED,
    disk: { freeBytes: disk.freeBytes, totalBytes: disk.totalBytes },
    reseed,
  };
  const agents = [own, ...deps.replication.peers().map((peer) => peerEntry(deps, peer, groups))];
  const watched = deps.monitor.states();
  const byName = new Map(watched.map((state) => [state.name, state]));
  return [
    ...agents.map((entry) => withWatch(entry, byName.get(entry.name))),
    ...watched.filter(({ isAgent }) => !isAgent).map(watchedEntry),
  ];
}

function peerEntry(deps: ServerQueryDeps, peer: PeerStatus, allGroups: readonly LedgerGroup[]): ServerEntry {
  const groups = allGroups.filter(({ server }) => server === peer.name);
  const { name, url, state, cause } = peer;
  const oldest = Math.min(...groups.map(({ oldestQueuedAt }) => oldestQueuedAt));
  const lagSeconds = groups.length === 0 ? 0 : Math.max(0, Math.round((deps.now() - oldest) / 1000));
  const backlog = backlogOf(groups, deps.replication.inflightCount(name));
  return {
    name,
    url,
    state,
    lagSeconds,
    backlog,
    disk: null,
    images: null,
    unencrypted: isUnencrypted(url),
    cause,
    ...UNWATCHED,
    reseed: null,
  };
}

/** The ledger calls what is on its way still pending or failed; it is counted once. */
function backlogOf(groups: readonly LedgerGroup[], inflight: number): Backlog {
  const backlog = { pending: 0, inflight: 0, failed: 0, parked: 0, dead: 0 };
  for (const { state, count } of groups) backlog[state] += count;
  for (const state of ['pending', 'failed'] as const) {
    const moved = Math.min(backlog[state], inflight - backlog.inflight);
    backlog[state] -= moved;
    backlog.inflight += moved;
  }
  return backlog;
}

/** Disk and number of images from the server itself; backlog and lag from those who deliver to it. */
function merged(
  entry: ServerEntry,
  views: ReadonlyMap<string, readonly ServerEntry[]>,
  silent: readonly string[],
): ServerEntry {
  const itself = views.get(entry.name)?.find(({ name }) => name === entry.name);
  const sources = [...views].filter(([source]) => source !== entry.name);
  const told = sources.flatMap(([, servers]) =>
    servers.filter(({ name, backlog }) => name === entry.name && backlog !== null),
  );
  // A part of the sum would look like the whole, and a silent server may be the one that owes most.
  const isAnySilent = silent.some((name) => name !== entry.name);
  const isAlone = views.size === 1 && silent.length === 0;
  return {
    ...entry,
    disk: itself?.disk ?? null,
    images: itself?.images ?? null,
    reseed: itself?.reseed ?? null,
    backlog: !isAnySilent && (told.length > 0 || isAlone) ? sumOf(told) : null,
    lagSeconds: isAnySilent ? null : longestLag(told, isAlone),
  };
}

function sumOf(told: readonly ServerEntry[]): Backlog {
  const sum = { pending: 0, inflight: 0, failed: 0, parked: 0, dead: 0 };
  for (const { backlog } of told) {
    for (const state of ['pending', 'inflight', 'failed', 'parked', 'dead'] as const)
      sum[state] += backlog?.[state] ?? 0;
  }
  return sum;
}

function longestLag(told: readonly ServerEntry[], isAlone: boolean): number | null {
  const lags = told.flatMap(({ lagSeconds }) => (lagSeconds === null ? [] : [lagSeconds]));
  if (lags.length === 0) return isAlone ? 0 : null;
  return Math.max(...lags);
}

function isUnencrypted(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
