import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { agentConfigSchema } from '@imagefleet/shared/common/config/agent-config.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { silentLogger, type Logger } from '@imagefleet/shared/common/log/logger.ts';
import { NOTHING_WATCHED, type MonitorView } from '#monitor/monitor-view.ts';
import type { ReseedStatus } from '#replication/reseed/reseed-progress.ts';
import type { DrainLimits } from '@imagefleet/shared/node/request-drain.ts';
import { Acknowledger } from '#services/acknowledge.ts';
import { EventHub } from '#services/event-hub.ts';
import { findCopy } from '#services/find-copy.ts';
import { Ingest } from '#services/ingest.ts';
import { Metrics } from '#services/metrics.ts';
import { createOperatorHandlers } from '#services/operator-handlers.ts';
import { PutNamed } from '#services/put-named.ts';
import { ReadThrough, type ReadThroughDeps } from '#services/read-through.ts';
import { Readiness } from '#services/readiness.ts';
import { ReplicaView } from '#services/replica-view.ts';
import { ReplayProgress } from '#services/replay-progress.ts';
import { replayNow } from '#services/replay-now.ts';
import { StagingSweep } from '#services/staging-sweep.ts';
import { FakeRepair } from '#services/testing/fake-repair.ts';
import { FakeReplication } from '#services/testing/fake-replication.ts';
import { MemoryCatalog } from '#services/testing/memory-catalog.ts';
import { WatchedStore } from '#services/testing/watched-store.ts';
import type { Catalog } from '#store/catalog.ts';
import { FreeSpaceFloor } from '#store/free-space-floor.ts';
import { PathLocks } from '#store/path-locks.ts';
import { ConsoleModule } from '#agent/compose-console.ts';
import { createApp } from '../app.ts';
import { HttpServer } from '../server.ts';
import { createUploadGate } from '../upload-gate.ts';
import { UploadReception } from '../upload-reception.ts';

export const KEY = 'a-long-test-key';

/** A test that ends in INTERNAL should say why. */
const loudLogger: Logger = {
  ...silentLogger,
  error: (event, fields) => {
    console.error(event, fields);
  },
};

export interface TestAgentOptions {
  /** Another catalog than the one in memory; the agent's stop does not stop it. */
  readonly catalog?: Catalog;
  readonly limits?: object;
  readonly keys?: readonly object[];
  /** Null: no key for everything. */
  readonly securityKey?: string | null;
  /** Named among the servers of a session. */
  readonly configuredPeers?: readonly object[];
  /** Two agents with the same id and folder for sessions are one that was started again. */
  readonly serverId?: string;
  readonly sessionsDir?: string;
  readonly consoleDir?: string;
  /** Clocks of sessions, login links and the limit of logins. */
  readonly now?: () => number;
  readonly monotonic?: () => number;
  readonly peers?: readonly string[];
  readonly logger?: Logger;
  readonly drainLimits?: DrainLimits;
  readonly handlers?: Partial<OperatorHandlers>;
  readonly reseed?: ReseedStatus;
  readonly monitor?: MonitorView;
  /** Brings what is missing here from another server; default: nobody has it. */
  readonly fetchCopy?: ReadThroughDeps['fetch'];
  /** Hands through what could not be kept. */
  readonly relay?: ReadThroughDeps['relay'];
}

export interface TestAgent {
  readonly url: string;
  readonly port: number;
  readonly store: WatchedStore;
  readonly catalog: MemoryCatalog;
  readonly replication: FakeReplication;
  readonly repair: FakeRepair;
  readonly events: EventHub;
  readonly readiness: Readiness;
  stop(): Promise<void>;
}

/** The real HTTP face and services on a free port, over plain files and an in-memory catalog. */
export async function startTestAgent(options: TestAgentOptions = {}): Promise<TestAgent> {
  const dir = await mkdtemp(join(tmpdir(), 'imagefleet-http-'));
  const config = agentConfigSchema.parse({
    ...{ name: 's1', publicUrl: 'http://i-1.example.com', timeZone: 'Asia/Shanghai' },
    ...(options.securityKey !== null && { securityKey: options.securityKey ?? KEY }),
    ...{ limits: options.limits ?? {}, keys: options.keys ?? [], peers: options.configuredPeers ?? [] },
    dataDir: options.sessionsDir ?? dir,
  });
  const logger = options.logger ?? loudLogger;
  const store = new WatchedStore(dir);
  await store.start(new Set());
  const memory = new MemoryCatalog();
  const catalog = options.catalog ?? memory;
  const replication = new FakeReplication(options.peers);
  const sweep = new StagingSweep(catalog, logger);
  const now = Date.now;
  const events = new EventHub({ now, epoch: 'e1' });
  const onStored = ({ path, sizeBytes }: PresentRecord): void => {
    events.publish('image', path, { sizeBytes });
  };
  const ingestDeps = {
    ...{ store, catalog, replication, locks: new PathLocks(), config, now, uuid: randomUUID },
    ...{ logger, onStored },
  };
  const ingest = new Ingest(ingestDeps);
  const floor = new FreeSpaceFloor(store, config.limits.freeSpaceFloor);
  const readiness = new Readiness(catalog, floor);
  const view = new ReplicaView({ catalog, replication, name: config.name, publicUrl: config.publicUrl });
  const metrics = new Metrics({ registry: new Registry(), catalog, store, replication });
  const repair = new FakeRepair();
  const readThrough = new ReadThrough({
    findOwn: (path) => findCopy({ catalog, store }, path),
    relay: options.relay ?? (() => Promise.reject(new FleetError('PEER_UNREACHABLE', 'nobody'))),
    fetch: options.fetchCopy ?? (() => Promise.resolve({ kind: 'absent', isCertain: true })),
    checkFolder: () => Promise.resolve(),
    hasWholeCatalog: () => true,
    onFileMissing: () => undefined,
    onFetched: () => undefined,
    monotonic: () => performance.now(),
    logger,
  });
  const replays = new ReplayProgress({
    ...{ replication, uuid: randomUUID },
    publish: (counts) => {
      events.publish('progress', counts.id, counts);
    },
  });
  const handlers = createOperatorHandlers({
    ...{
      catalog,
      store,
      replication,
      repair,
      replays,
      view,
      logger,
      now,
      timeZone: config.timeZone,
      limits: config.limits,
      fleetDeadlineMs: 200,
      name: config.name,
      url: config.publicUrl,
      autoRetry: config.replication.autoRetry,
    },
    monitor: options.monitor ?? NOTHING_WATCHED,
    reseed: () => Promise.resolve(options.reseed ?? null),
    readFailureLog: (day) => Promise.resolve({ day: day ?? '2026-01-01', days: [], lines: [], truncated: false }),
  });
  const reception = new UploadReception({
    ...{
      ingest,
      floor,
      gate: createUploadGate(config.limits.concurrentUploads, 100),
      maxFiles: config.limits.filesPerRequest,
    },
    assertOpen: () => {
      readiness.assertOpen();
    },
    onReceived: (sizeBytes) => {
      metrics.uploadReceived(sizeBytes);
    },
  });
  const consoleModule = new ConsoleModule({
    ...{ config, logger, now: options.now ?? now, monotonic: options.monotonic ?? (() => performance.now()) },
    serverId: options.serverId ?? randomUUID(),
    consoleDir: options.consoleDir ?? join(dir, 'no-console'),
  });
  await consoleModule.start();
  const app = createApp({
    ...consoleModule.edge,
    ...{
      reception,
      ingest,
      putNamed: new PutNamed({ ...ingestDeps, sweep }),
      events,
      metrics,
      logger,
    },
    link: (path) => view.link(path),
    replayNow: (signal) => replayNow({ catalog, replication, maxWaitMs: 500 }, signal),
    acknowledger: new Acknowledger({ replication, replicasOf: (record) => view.replicasOf(record) }, view),
    fleetSize: () => view.fleetSize,
    handlers: { ...handlers, ...options.handlers },
    notReady: () => readiness.notReady(),
    findCopy: (path, more) => readThrough.find(path, more),
    peerEndpoint: {
      handle: (request, response) => {
        response.end(`peer ${request.url ?? ''}`);
        return Promise.resolve();
      },
    },
    monotonic: () => performance.now(),
    about: { name: config.name, version: '0.0.0' },
    ...(options.drainLimits && { drainLimits: options.drainLimits }),
  });
  const listener = app.callback();
  const server = new HttpServer({
    listener: (request, response) => void listener(request, response),
    logger,
    stopLimitMs: 500,
  });
  const { port } = await server.start({ host: '127.0.0.1', port: 0 });
  return {
    ...{ url: `http://127.0.0.1:${String(port)}`, port, store, catalog: memory, replication, repair },
    ...{ events, readiness },
    stop: async () => {
      replays.stop();
      await server.stop();
      await sweep.stop();
      await consoleModule.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
