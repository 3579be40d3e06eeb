import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { LoadedConfig } from '#config/load-config.ts';
import { PeerClient, type PeerAddress } from '#replication/peer-client.ts';
import type { PeerIdentities } from '#replication/peer-identities.ts';
import type { PeerCall } from '#replication/peer-endpoint.ts';
import type { PeerStatus } from '#replication/replication.ts';
import type { Replicator } from '#replication/replicator.ts';
import type { RepairPeer } from '#replication/repair/repair-peer.ts';
import type { Repair } from '#replication/repair/repair.ts';
import { CopySource } from '#replication/reseed/copy-source.ts';
import { fetchCopy } from '#replication/reseed/fetch-copy.ts';
import { relayCopy } from '#replication/reseed/relay-copy.ts';
import { reseedCalls } from '#replication/reseed/reseed-calls.ts';
import { reseedFacts } from '#replication/reseed/reseed-facts.ts';
import { reseedRun } from '#replication/reseed/reseed-run.ts';
import { Reseeding } from '#replication/reseed/reseeding.ts';
import { STAGING_LIMITS, StagingSlots } from '#replication/staging-slots.ts';
import { findCopy } from '#services/find-copy.ts';
import { ImageFolderWatch } from '#services/image-folder-watch.ts';
import { ReadThroughMetrics } from '#services/read-through-metrics.ts';
import { ReadThrough } from '#services/read-through.ts';
import type { Catalog } from '#store/catalog.ts';
import type { FreeSpaceFloor } from '#store/free-space-floor.ts';
import { Identity } from '#store/identity.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { PathLocks } from '#store/path-locks.ts';
import { monotonic } from './monotonic.ts';

/** Images that are fetched from other servers because somebody asked for them, at the same time. */
const FETCH_LIMITS = { count: 16, bytes: 256 * 1024 * 1024 };

export interface ReseedParts {
  readonly config: LoadedConfig;
  readonly store: ImageStore;
  readonly floor: Pick<FreeSpaceFloor, 'assertRoomFor'>;
  readonly catalog: Catalog;
  readonly locks: PathLocks;
  readonly replication: Replicator;
  readonly repair: Repair;
  readonly peers: ReadonlyMap<string, RepairPeer>;
  readonly identities: PeerIdentities;
  readonly wake: () => void;
  readonly now: () => number;
  readonly logger: Logger;
  readonly onFatal: (error: unknown) => void;
}

/** What knows that this server lacks images and brings them here; a part of compose.ts. */
export class ReseedModule {
  readonly identity: Identity;
  readonly watch: ImageFolderWatch;
  readonly reseeding: Reseeding;
  readonly #parts: ReseedParts & { readonly slots: StagingSlots };
  readonly #sources: ReadonlyMap<string, CopySource>;
  /** Of their own: visitors who take what is handed through take it at their own pace, and hold a connection meanwhile. */
  readonly #relaySources: ReadonlyMap<string, CopySource>;

  constructor(parts: ReseedParts) {
    const { config, catalog, replication, logger, onFatal } = parts;
    const self = (): { id: string; name: string } => ({ id: catalog.serverId, name: config.name });
    const newSources = (): ReadonlyMap<string, CopySource> => {
      const sourceOf = (peer: PeerAddress) => new CopySource(peer.name, new PeerClient({ peer, self, now: parts.now }));
      return new Map(config.peers.map((peer) => [peer.name, sourceOf(peer)]));
    };
    const sources = newSources();
    this.#relaySources = newSources();
    const slots = new StagingSlots(STAGING_LIMITS);
    const statuses = (): readonly PeerStatus[] => replication.peers();
    const reseeding = new Reseeding({
      run: reseedRun({ ...parts, sources, slots, statuses, uuid: randomUUID }),
      onPeerChanged: (listener) => replication.onPeerChanged(listener),
      ...{ catalog, logger, monotonic },
    });
    this.#parts = { ...parts, slots };
    this.#sources = sources;
    this.reseeding = reseeding;
    this.identity = new Identity({ imagesDir: config.imagesDir, catalog, factsFor: reseedFacts, logger });
    this.watch = new ImageFolderWatch({
      ...{ identity: this.identity, logger, onForeign: onFatal },
      onFilesLost: (found) => {
        reseeding.filesLost(found);
      },
    });
  }

  /** What a visitor asks for and this server lacks comes from a peer. */
  readThrough(registry: Registry): ReadThrough {
    const { catalog, store, floor, replication, logger } = this.#parts;
    const metrics = new ReadThroughMetrics(registry);
    const sources = (): readonly CopySource[] =>
      replication.peers().flatMap(({ name, state }) => (state === 'down' ? [] : (this.#sources.get(name) ?? [])));
    const peerCount = this.#sources.size;
    const deps = {
      ...{ ...this.#parts, sources, peerCount, room: new StagingSlots(FETCH_LIMITS) },
      assertRoomFor: (sizeBytes: number) => floor.assertRoomFor(sizeBytes),
    };
    return new ReadThrough({
      findOwn: (path) => findCopy({ catalog, store }, path),
      fetch: (path, signal) => fetchCopy(path, deps, signal),
      relay: ({ record, from }, slice, signal) => {
        const givers = from.flatMap((name) => this.#relaySources.get(name) ?? []);
        return relayCopy({ record, givers, slice }, signal);
      },
      checkFolder: () => this.watch.look(),
      hasWholeCatalog: () => this.reseeding.hasWholeCatalog(),
      onFileMissing: () => {
        this.reseeding.filesMissing();
      },
      onFetched: (outcome, sizeBytes) => {
        metrics.fetched(outcome, sizeBytes);
      },
      ...{ monotonic, logger },
    });
  }

  calls(): ReadonlyMap<string, PeerCall> {
    const { catalog, store, identities } = this.#parts;
    return reseedCalls({
      catalog,
      store,
      idsOf: (peer) => identities.idsOf(peer),
      hasWholeCatalog: () => this.reseeding.hasWholeCatalog(),
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.watch.stop(), this.reseeding.stop()]);
  }

  /** Closes the connections that are kept open; nothing asks any more. */
  close(): void {
    for (const source of [...this.#sources.values(), ...this.#relaySources.values()]) source.close();
  }
}
