import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import { reachableOf } from '@imagefleet/shared/common/config/host-of-url.ts';
import { parseListenAddress } from '@imagefleet/shared/common/config/listen-address.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { LoadedConfig } from '#config/load-config.ts';
import { createApp } from '#http/app.ts';
import { HttpServer } from '#http/server.ts';
import { createUploadGate } from '#http/upload-gate.ts';
import { UploadReception } from '#http/upload-reception.ts';
import { FailureLog, dayOf } from '#replication/failure-log.ts';
import { readFailureLog } from '#replication/failure-log-reader.ts';
import { PeerEndpoint } from '#replication/peer-endpoint.ts';
import { PeerIdentities } from '#replication/peer-identities.ts';
import { Replicator } from '#replication/replicator.ts';
import { RepairPeer } from '#replication/repair/repair-peer.ts';
import { RepairSchedule } from '#replication/repair/repair-schedule.ts';
import { Repair } from '#replication/repair/repair.ts';
import { Acknowledger } from '#services/acknowledge.ts';
import { dropSpelling } from '#services/drop-spelling.ts';
import { EventHub } from '#services/event-hub.ts';
import { Ingest } from '#services/ingest.ts';
import { Metrics } from '#services/metrics.ts';
import { watchMetrics } from '#services/monitor-metrics.ts';
import { createOperatorHandlers } from '#services/operator-handlers.ts';
import { PutNamed } from '#services/put-named.ts';
import { Readiness } from '#services/readiness.ts';
import { ReplicaView } from '#services/replica-view.ts';
import { ReplayProgress } from '#services/replay-progress.ts';
import { replayNow } from '#services/replay-now.ts';
import { measureReseed } from '#services/reseed-metrics.ts';
import { StagingSweep } from '#services/staging-sweep.ts';
import { TrashSweep } from '#services/trash-sweep.ts';
import { DiskImageStore } from '#store/disk-image-store.ts';
import { DiskTrash } from '#store/disk-trash.ts';
import { FreeSpaceFloor } from '#store/free-space-floor.ts';
import { TreeCheck } from '#services/tree-check.ts';
import { treeCheckMetrics } from '#services/tree-check-metrics.ts';
import { makeDurableFolder } from '#store/disk/durable-folder.ts';
import { DiskImageTree } from '#store/disk-image-tree.ts';
import { PathLocks } from '#store/path-locks.ts';
import { recoverStaged } from '#store/recovery.ts';
import { SqliteCatalog } from '#store/sqlite-catalog.ts';
import { AgentWatch } from './compose-agent-watch.ts';
import { ConsoleModule, type ConsoleEdge } from './compose-console.ts';
import { ReseedModule } from './compose-reseed.ts';
import { VERSION } from './version.ts';
import { monotonic } from './monotonic.ts';

/** do.ashx promises an answer to uploaderrors within this time. */
const REPLAY_LIMIT_MS = 60_000;
/** A part of the time that the agent has for stopping: replication and catalog come after it. */
const HTTP_STOP_MS = 5_000;

export interface AgentOptions {
  readonly config: LoadedConfig;
  readonly logger: Logger;
  /** Folder of the built console; it need not exist. */
  readonly consoleDir: string;
  /** Of the process; programs that hooks run inherit it. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
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
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { config, logger } = options;
  const listen = parseListenAddress(config.listen);
  if (listen === undefined) throw new FleetError('CFG_INVALID', `Cannot listen on ${config.listen}: no host:port.`);
  const base = buildBase(options);
  await makeDurableFolder(config.dataDir);
  await base.catalog.start(config.peers.map((peer) => peer.name));
  await base.identities.start();
  const found = await base.reseed.identity.settle();
  logger.info('identity.settled', { id: base.catalog.serverId, found });
  await base.reseed.reseeding.load();
  await recover(base);

  const { serverId } = base.catalog;
  const consoleModule = new ConsoleModule({ ...base, serverId, consoleDir: options.consoleDir, monotonic });
  await consoleModule.start();
  const { listener, peerEndpoint, readiness, replays, readThrough } = buildEdge(base, consoleModule.edge);
  const server = new HttpServer({
    listener: (request, response) => void listener(request, response),
    logger,
    stopLimitMs: HTTP_STOP_MS,
  });
  const { port } = await server.start(listen);
  base.schedule.start();
  base.reseed.watch.start();
  await base.replication.start();
  await base.watch.start(port);
  base.reseed.reseeding.start();
  base.trashSweep.start();
  base.check.start();
  return {
    port,
    url: `http://${formatHostPort(reachableOf({ host: listen.host, port }))}`,
    stop: async () => {
      // From the outside in: what is being received still needs everything below.
      readiness.stopTaking();
      replays.stop();
      base.events.stop();
      base.schedule.stop();
      await Promise.all([readThrough.stop(), base.reseed.stop(), base.repair.stop()]);
      await Promise.all([server.stop(), peerEndpoint.stop(), base.trashSweep.stop(), base.check.stop()]);
      await consoleModule.stop();
      await base.replication.stop();
      await base.watch.stop();
      base.reseed.close();
      await base.sweep.stop();
      await base.store.stop();
      await base.catalog.stop();
    },
  };
}

type Base = ReturnType<typeof buildBase>;

/** What keeps images and copies them. */
function buildBase({ config, logger, environment = {}, onFatal }: AgentOptions) {
  const { dataDir, imagesDir, logDir, timeZone } = config;
  const folders = { imagesDir, tmpDir: join(dataDir, 'tmp'), trashDir: join(dataDir, 'trash') };
  const catalog = new SqliteCatalog({ file: join(dataDir, 'catalog.sqlite'), onCrash: onFatal });
  const freeSpaceFloorBytes = config.limits.freeSpaceFloor;
  const store = new DiskImageStore({ ...folders, freeSpaceFloorBytes, files: catalog.files });
  const failureLog = new FailureLog({ logDir, timeZone, logger });
  const { random } = Math;
  const identities = new PeerIdentities({ catalog, peers: config.peers.map((peer) => peer.name) });
  const now = Date.now;
  const events = new EventHub({ now, epoch: now().toString(36) });
  const watch = new AgentWatch({
    ...{ config, catalog, environment, now, logger },
    listener: {
      onServerChanged: ({ name }) => {
        announceServer(name);
      },
      onIncidentChanged: (incident) => {
        events.publish('incident', incident.id, incident);
      },
    },
  });
  const replication = new Replicator({
    ...{ config, store, catalog, health: watch.health, failureLog, identities, now, random, logger },
  });
  const announceServer = serverAnnouncer({ events, replication, watch });
  replication.onPeerChanged(({ name }) => {
    announceServer(name);
  });
  announceDeliveries(events, replication);
  const sweep = new StagingSweep(catalog, logger);
  const trashSweep = new TrashSweep({
    ...{ trash: new DiskTrash(folders.trashDir), periodMs: config.replication.trashPeriod, now, logger },
  });
  const floor = new FreeSpaceFloor(store, freeSpaceFloorBytes);
  const base = { config, logger, now, events, store, floor, catalog, replication, sweep, locks: new PathLocks() };
  const peers = repairPeers(replication);
  const wake = (): void => replication.wake();
  const repair = new Repair({
    ...{ ...base, name: config.name, peers, wake, tombstonePeriodMs: config.replication.trashPeriod },
  });
  const schedule = new RepairSchedule({ everyMs: config.replication.verifyEvery, repair, replication, random });
  const reseed = new ReseedModule({ ...base, repair, peers, identities, wake, onFatal });
  const check = new TreeCheck({
    ...{ catalog, store, tree: new DiskImageTree(imagesDir), now, logger },
    onFilesMissing: () => {
      reseed.reseeding.filesMissing();
    },
    dropSpelling: (path) => dropSpelling(path, { ...base, uuid: randomUUID }),
  });
  return { ...base, watch, repair, schedule, identities, reseed, trashSweep, check };
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
function buildEdge(base: Base, consoleEdge: ConsoleEdge) {
  const { config, logger, now, events, store, floor, catalog, replication, repair, locks } = base;
  const { name, publicUrl, limits, timeZone, logDir } = config;
  const onStored = ({ path, sha256, sizeBytes }: PresentRecord): void => {
    events.publish('image', path, { path, sha256, sizeBytes });
  };
  const ingestDeps = { ...base, uuid: randomUUID, onStored };
  const ingest = new Ingest(ingestDeps);
  const readiness = new Readiness(catalog, floor);
  const view = new ReplicaView({ catalog, replication, name, publicUrl });
  const registry = new Registry();
  const metrics = new Metrics({ registry, catalog, store, replication });
  const readThrough = base.reseed.readThrough(registry);
  measureReseed(registry, () => base.reseed.reseeding.status());
  treeCheckMetrics(registry, base.check);
  watchMetrics(registry, base.watch.view, () => base.watch.probeLag());
  const replays = new ReplayProgress({
    ...{ replication, uuid: randomUUID },
    publish: (counts) => {
      events.publish('progress', counts.id, counts);
    },
  });
  const handlers = createOperatorHandlers({
    ...{ catalog, store, replication, repair, replays, view, logger, now, timeZone, limits, name, url: publicUrl },
    autoRetry: config.replication.autoRetry,
    monitor: base.watch.view,
    reseed: () => base.reseed.reseeding.status(),
    readFailureLog: (day) => readFailureLog({ logDir, day: day ?? dayOf(now(), timeZone) }),
  });
  const peerEndpoint = new PeerEndpoint({
    ...{ name, store, catalog, locks, now, logger },
    // Without a key nobody is a peer: a key that no one knows refuses them all.
    securityKey: config.securityKey ?? randomUUID(),
    peerKey: config.peerKey,
    floor,
    handlers: () => handlers,
    calls: new Map([...repair.calls(), ...base.reseed.calls(), ...base.watch.calls()]),
  });
  const reception = new UploadReception({
    ...{ ingest, floor, maxFiles: limits.filesPerRequest, gate: createUploadGate(limits.concurrentUploads) },
    assertOpen: () => {
      readiness.assertOpen();
    },
    onReceived: (sizeBytes) => {
      metrics.uploadReceived(sizeBytes);
    },
  });
  const app = createApp({
    ...{ reception, ingest, events, metrics, logger, handlers, peerEndpoint, monotonic, ...consoleEdge },
    putNamed: new PutNamed(ingestDeps),
    acknowledger: new Acknowledger({ replication, replicasOf: (record) => view.replicasOf(record) }, view),
    link: (path) => view.link(path),
    fleetSize: () => view.fleetSize,
    replayNow: (signal) => replayNow({ catalog, replication, maxWaitMs: REPLAY_LIMIT_MS }, signal),
    notReady: () => readiness.notReady(),
    findCopy: (path, options) => readThrough.find(path, options),
    about: { name, version: VERSION },
  });
  return { listener: app.callback(), peerEndpoint, readiness, replays, readThrough };
}

/** Events announce what has happened; they never drive it. */
function announceDeliveries(events: EventHub, replication: Replicator): void {
  replication.onSettled((settled) => {
    for (const delivery of settled) {
      if (delivery.state !== 'superseded') events.publish('delivery', `${delivery.path} ${delivery.server}`, delivery);
    }
  });
}

/** A server has changed for whoever watches it, or for those who send it copies: the event holds what both say. */
function serverAnnouncer(parts: {
  readonly events: EventHub;
  readonly replication: Replicator;
  readonly watch: AgentWatch;
}): (name: string) => void {
  return (name) => {
    const peer = parts.replication.peers().find((one) => one.name === name);
    const watched = parts.watch.view.states().find((one) => one.name === name);
    const cause = watched?.cause ?? peer?.cause ?? null;
    const state = watched?.state ?? peer?.state ?? 'unknown';
    parts.events.publish('server', name, {
      name,
      url: peer?.url ?? null,
      state,
      since: watched?.sinceAt ?? null,
      cause,
    });
  };
}

/** Finishes what a crash cut between commit and rename, before anybody can ask for it. */
async function recover({ catalog, store, logger }: Base): Promise<void> {
  const staged = await catalog.listStaged();
  await store.start(new Set(staged.flatMap(({ stagingName }) => (stagingName === null ? [] : [stagingName]))));
  const { recovered, lost, failed } = await recoverStaged(catalog, store);
  if (recovered > 0) logger.info('recovery.renamed', { count: recovered });
  for (const { path, version } of lost) logger.error('recovery.bytesMissing', { path, version });
  for (const { record, error } of failed) {
    logger.error('recovery.failed', { path: record.path, version: record.version, error });
  }
}
