import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { LoadedConfig } from '#config/load-config.ts';
import { createApp } from '#http/app.ts';
import { Gatekeeper } from '#http/auth.ts';
import { HttpServer, parseListen } from '#http/server.ts';
import { UploadGate } from '#http/upload-gate.ts';
import { UploadReception } from '#http/upload-reception.ts';
import { FailureLog, dayOf } from '#replication/failure-log.ts';
import { readFailureLog } from '#replication/failure-log-reader.ts';
import { PeerClient } from '#replication/peer-client.ts';
import { PeerEndpoint } from '#replication/peer-endpoint.ts';
import { PeerIdentities } from '#replication/peer-identities.ts';
import type { PeerStatus } from '#replication/replication.ts';
import { Replicator } from '#replication/replicator.ts';
import { RepairPeer } from '#replication/repair/repair-peer.ts';
import { RepairSchedule } from '#replication/repair/repair-schedule.ts';
import { Repair } from '#replication/repair/repair.ts';
import { CopySource } from '#replication/reseed/copy-source.ts';
import { fetchCopy } from '#replication/reseed/fetch-copy.ts';
import { reseedCalls } from '#replication/reseed/reseed-calls.ts';
import { reseedFacts } from '#replication/reseed/reseed-facts.ts';
import { reseedRun } from '#replication/reseed/reseed-run.ts';
import { Reseeding } from '#replication/reseed/reseeding.ts';
import { StagingSlots } from '#replication/staging-slots.ts';
import { Acknowledger } from '#services/acknowledge.ts';
import { DiskGuard } from '#services/disk-guard.ts';
import { EventHub } from '#services/event-hub.ts';
import { findCopy } from '#services/find-copy.ts';
import { ImageFolderWatch } from '#services/image-folder-watch.ts';
import { Ingest } from '#services/ingest.ts';
import { Metrics } from '#services/metrics.ts';
import { createOperatorHandlers } from '#services/operator-handlers.ts';
import { PutNamed } from '#services/put-named.ts';
import { ReadThroughMetrics } from '#services/read-through-metrics.ts';
import { ReadThrough } from '#services/read-through.ts';
import { Readiness } from '#services/readiness.ts';
import { ReplicaView } from '#services/replica-view.ts';
import { replayNow } from '#services/replay-now.ts';
import { measureReseed } from '#services/reseed-metrics.ts';
import { StagingSweep } from '#services/staging-sweep.ts';
import { DiskImageStore } from '#store/disk-image-store.ts';
import { Identity } from '#store/identity.ts';
import { PathLocks } from '#store/path-locks.ts';
import { RecentBytes } from '#store/recent-bytes.ts';
import { recoverStaged } from '#store/recovery.ts';
import { SqliteCatalog } from '#store/sqlite-catalog.ts';
import { VERSION } from './version.ts';

/** do.ashx promises an answer to uploaderrors within this time. */
const REPLAY_LIMIT_MS = 60_000;
/** Enough for what one agent takes in while a batch is on its way; see RecentBytes. */
const RECENT_BYTES = 4 * 1024 * 1024;
/** Images that are synced, and that are fetched from other servers because somebody asked for them, at the same time. */
const STAGING_LIMITS = { count: 16, bytes: 8 * 1024 * 1024 };
const FETCH_LIMITS = { count: 16, bytes: 256 * 1024 * 1024 };
/** A part of the time that the agent has for stopping: replication and catalog come after it. */
const HTTP_STOP_MS = 5_000;
/** Addresses to listen on that are none to connect to. */
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

export interface AgentOptions {
  readonly config: LoadedConfig;
  readonly logger: Logger;
  /** Something failed that only a new start of the process mends. */
  readonly onFatal: (error: unknown) => void;
}

export interface RunningAgent {
  readonly port: number;
  /** Where this agent is reached on its own machine. */
  readonly url: string;
  /** Takes nothing new, finishes what is on its way, closes. */
  stop(): Promise<void>;
}

/** Builds an agent by hand, from the disk up to HTTP, and starts it. The only place that sees all parts. */
export async function startAgent({ config, logger, onFatal }: AgentOptions): Promise<RunningAgent> {
  const listen = parseListen(config.listen);
  const base = buildBase({ config, logger, onFatal });
  await mkdir(config.dataDir, { recursive: true });
  await base.catalog.start(config.peers.map((peer) => peer.name));
  await base.identities.start();
  const found = await base.identity.settle();
  logger.info('identity.settled', { id: base.catalog.serverId, found });
  await recover(base);

  const { listener, peerEndpoint, readiness, events, readThrough } = buildEdge(base);
  const server = new HttpServer({
    listener: (request, response) => void listener(request, response),
    logger,
    stopLimitMs: HTTP_STOP_MS,
  });
  const { port } = await server.start(listen);
  base.schedule.start();
  base.watch.start();
  await base.replication.start();
  await base.reseeding.start();
  return {
    port,
    url: `http://${ANY_ADDRESS.has(listen.host) ? '127.0.0.1' : listen.host}:${String(port)}`,
    stop: async () => {
      // From the outside in: what is being received still needs everything below.
      readiness.stopTaking();
      events.stop();
      base.schedule.stop();
      await base.watch.stop();
      await Promise.all([readThrough.stop(), base.reseeding.stop(), base.repair.stop()]);
      await Promise.all([server.stop(), peerEndpoint.stop()]);
      await base.replication.stop();
      for (const source of base.sources.values()) source.close();
      await base.sweep.stop();
      await base.store.stop();
      await base.catalog.stop();
    },
  };
}

type Base = ReturnType<typeof buildBase>;

/** What keeps images and copies them. */
function buildBase({ config, logger, onFatal }: AgentOptions) {
  const { dataDir, imagesDir, logDir, timeZone } = config;
  const folders = { imagesDir, tmpDir: join(dataDir, 'tmp'), trashDir: join(dataDir, 'trash') };
  const store = new DiskImageStore({ ...folders, freeSpaceFloorBytes: config.limits.freeSpaceFloor });
  const catalog = new SqliteCatalog({ file: join(dataDir, 'catalog.sqlite'), onCrash: onFatal });
  const failureLog = new FailureLog({ logDir, timeZone, logger });
  const { random } = Math;
  const recent = new RecentBytes(RECENT_BYTES);
  const identities = new PeerIdentities({ catalog, peers: config.peers.map((peer) => peer.name) });
  const replication = new Replicator({
    ...{ config, store, catalog, recent, failureLog, identities, now: Date.now, random, logger },
  });
  const sweep = new StagingSweep(catalog, logger);
  const base = { config, logger, now: Date.now, store, catalog, recent, replication, sweep, locks: new PathLocks() };
  const peers = repairPeers(replication);
  const wake = (): void => replication.wake();
  const repair = new Repair({
    ...{ ...base, name: config.name, peers, wake, tombstonePeriodMs: config.replication.trashPeriod },
  });
  const schedule = new RepairSchedule({ everyMs: config.replication.verifyEvery, repair, replication, random });
  const self = (): { id: string; name: string } => ({ id: catalog.serverId, name: config.name });
  const sources = new Map(
    config.peers.map((peer) => [peer.name, new CopySource(peer.name, new PeerClient({ peer, self, now: Date.now }))]),
  );
  const slots = new StagingSlots(STAGING_LIMITS);
  const statuses = (): readonly PeerStatus[] => replication.peers();
  const reseeding = new Reseeding({
    run: reseedRun({ ...base, repair, peers, sources, slots, statuses, wake }),
    onPeerChanged: (listener) => replication.onPeerChanged(listener),
    ...{ catalog, logger, monotonic: () => performance.now() },
  });
  const identity = new Identity({ imagesDir, catalog, factsFor: reseedFacts });
  const watch = new ImageFolderWatch({
    ...{ identity, logger, onForeign: onFatal },
    onEmptied: () => {
      reseeding.filesLost();
    },
  });
  return { ...base, repair, schedule, sources, slots, identities, identity, reseeding, watch };
}

function repairPeers(replication: Replicator): ReadonlyMap<string, RepairPeer> {
  return new Map(
    replication.peers().flatMap(({ name }) => {
      const client = replication.clientOf(name);
      return client === undefined ? [] : [[name, new RepairPeer(name, client)]];
    }),
  );
}

/** What answers requests. */
function buildEdge(base: Base) {
  const { config, logger, now, store, catalog, replication, repair, locks } = base;
  const { name, publicUrl, limits, timeZone, logDir } = config;
  const events = announcing(new EventHub({ now, epoch: now().toString(36) }), replication);
  const onStored = ({ path, sha256, sizeBytes }: PresentRecord): void => {
    events.publish('image', path, { path, sha256, sizeBytes });
  };
  const ingestDeps = { ...base, uuid: randomUUID, onStored };
  const ingest = new Ingest(ingestDeps);
  const guard = new DiskGuard(store, limits.freeSpaceFloor);
  const readiness = new Readiness(catalog, guard);
  const view = new ReplicaView({ catalog, replication, name, publicUrl });
  const registry = new Registry();
  const metrics = new Metrics({ registry, catalog, store, replication });
  const readThrough = buildReadThrough(base, registry);
  measureReseed(registry, () => base.reseeding.status());
  const handlers = createOperatorHandlers({
    ...{ catalog, store, replication, repair, view, logger, now, name, url: publicUrl },
    reseed: () => base.reseeding.status(),
    readFailureLog: (day) => readFailureLog({ logDir, day: day ?? dayOf(now(), timeZone) }),
  });
  const peerEndpoint = new PeerEndpoint({
    ...{ name, store, catalog, locks, now, logger },
    // Without a key nobody is a peer: a key that no one knows refuses them all.
    securityKey: config.securityKey ?? randomUUID(),
    freeSpaceFloorBytes: limits.freeSpaceFloor,
    handlers: () => handlers,
    calls: new Map([
      ...repair.calls(),
      ...reseedCalls({ catalog, store, idsOf: (peer) => base.identities.idsOf(peer) }),
    ]),
  });
  const reception = new UploadReception({
    ...{ ingest, guard, maxFiles: limits.filesPerRequest, gate: new UploadGate(limits.concurrentUploads) },
    assertOpen: () => {
      readiness.assertOpen();
    },
    onReceived: (sizeBytes) => {
      metrics.uploadReceived(sizeBytes);
    },
  });
  const app = createApp({
    ...{ reception, ingest, events, metrics, logger, handlers, peerEndpoint },
    gatekeeper: new Gatekeeper(config),
    putNamed: new PutNamed(ingestDeps),
    acknowledger: new Acknowledger({ replication, replicasOf: (record) => view.replicasOf(record) }, view),
    link: (path) => view.link(path),
    fleetSize: () => view.fleetSize,
    replayNow: (signal) => replayNow({ catalog, replication, maxWaitMs: REPLAY_LIMIT_MS }, signal),
    notReady: () => readiness.notReady(),
    findCopy: (path, options) => readThrough.find(path, options),
    monotonic: () => performance.now(),
    about: { name, version: VERSION },
  });
  return { listener: app.callback(), peerEndpoint, readiness, events, readThrough };
}

/** What a visitor asks for and this server lacks comes from a peer. */
function buildReadThrough(base: Base, registry: Registry): ReadThrough {
  const { catalog, store, replication } = base;
  const metrics = new ReadThroughMetrics(registry);
  const deps = { ...base, room: new StagingSlots(FETCH_LIMITS) };
  const sources = (): readonly CopySource[] =>
    replication.peers().flatMap(({ name, state }) => (state === 'down' ? [] : (base.sources.get(name) ?? [])));
  return new ReadThrough({
    findOwn: (path) => findCopy({ catalog, store }, path),
    fetch: (path, signal) => fetchCopy(path, { ...deps, sources }, signal),
    checkFolder: () => base.watch.look(),
    isIncomplete: () => base.reseeding.isFilling(),
    onFetched: (outcome, sizeBytes) => {
      metrics.fetched(outcome, sizeBytes);
    },
    monotonic: () => performance.now(),
    logger: base.logger,
  });
}

/** Events announce what has happened; they never drive it. */
function announcing(events: EventHub, replication: Replicator): EventHub {
  replication.onSettled((settled) => {
    for (const delivery of settled) events.publish('delivery', `${delivery.path} ${delivery.server}`, delivery);
  });
  replication.onPeerChanged((peer) => {
    events.publish('server', peer.name, peer);
  });
  return events;
}

/** Finishes what a crash cut between commit and rename, before anybody can ask for it. */
async function recover({ catalog, store, logger }: Base): Promise<void> {
  const staged = await catalog.listStaged();
  await store.start(new Set(staged.flatMap(({ stagingName }) => (stagingName === null ? [] : [stagingName]))));
  const { recovered, lost } = await recoverStaged(catalog, store);
  if (recovered > 0) logger.info('recovery.renamed', { count: recovered });
  for (const { path, version } of lost) logger.error('recovery.bytesMissing', { path, version });
}
