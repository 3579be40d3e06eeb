import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { EngineHandlers } from '#engine/api/call-engine.ts';
import { MAX_REQUESTS, type EngineLimits } from '#bridge/engine-api.ts';
import { CallTracker } from './call-tracker.ts';
import { checkServers } from './check-servers.ts';
import { engineHandlers } from './engine-handlers.ts';
import { EngineSettingsFile } from './engine-settings.ts';
import type { EngineFleet } from './fleet/engine-fleet.ts';
import { openEngineFleet } from './fleet/open-engine-fleet.ts';
import { cachedHashes } from './queue/cached-hashes.ts';
import { openUploadQueue } from './queue/open-upload-queue.ts';
import type { QueueCounts } from './queue/queue-item.ts';
import type { UploadQueueStore } from './queue/upload-queue-store.ts';
import { QueueService } from './queue-service.ts';
import { FaultLog } from './report/fault-log.ts';
import { lookupWithFailOver } from './report/lookup-with-fail-over.ts';
import { Scrubber } from './report/scrubber.ts';
import { ReportService } from './report-service.ts';
import { FirstHealthyTarget } from './target/first-healthy-target.ts';
import { ByteRate } from './upload/byte-rate.ts';
import { LookupClients } from './upload/lookup-clients.ts';
import { Paces } from './upload/pace.ts';
import { ProgressMeter } from './upload/progress-meter.ts';
import { RequestSender } from './upload/request-sender.ts';
import { ServerLimits } from './upload/request-plan.ts';
import { UploadEngine } from './upload-engine.ts';

const QUEUE_FILE = 'queue.sqlite';
const SETTINGS_FILE = 'engine.json';
const MEASURE_EVERY_MS = 500;
/** Paths of the operator's files are nobody else's business. */
const OWNER_ONLY = 0o700;

export interface EngineOptions {
  /** Holds the queue and the engine's settings; created when it is not there. */
  readonly dataDir: string;
  /** Starts of the addresses of the fleet's servers. */
  readonly servers: readonly string[];
  readonly key: string | undefined;
  /** Of the program that runs the engine. */
  readonly version: string;
  readonly onChanged?: () => void;
  /** The engine stands still after it, and says so in its status. */
  readonly onFault: (error: unknown) => void;
}

export interface OpenedEngine {
  readonly engine: UploadEngine;
  readonly queue: UploadQueueStore;
  readonly fleet: EngineFleet;
  readonly service: EngineHandlers;
  /** Where damaged files of the engine were set aside, if there were any. */
  readonly setAside: readonly string[];
  /** Resolves when nothing is left that can be done without anybody asking. */
  whenDone(): Promise<void>;
  /** Takes up what the last run left, and goes on unless it was told to pause; answers how the queue stands. */
  start(): QueueCounts;
  close(): Promise<void>;
}

/** The engine on a queue on the disk and a fleet over HTTP. Fails with the FleetError of the queue or its settings. */
export async function openEngine(options: EngineOptions): Promise<OpenedEngine> {
  const { dataDir, servers, key, version, onChanged, onFault } = options;
  checkServers(servers);
  await makeFolder(dataDir);
  const now = (): number => Date.now();
  const queueFile = join(dataDir, QUEUE_FILE);
  const { queue, setAsideAs } = openUploadQueue(queueFile, now());
  const settings = await openSettings(dataDir, queue);
  const setAside = [setAsideAs, settings.setAsideAs].filter((file) => file !== null);
  const { machineKey, limits, measured } = settings.settings;
  const scrubber = new Scrubber({ secrets: key === undefined ? [] : [key], home: homedir() });
  const faults = new FaultLog({ now, scrub: (text) => scrubber.text(text) });
  const rate = new ByteRate({ now: () => performance.now(), setTimer });
  const paces = new Paces({ now });
  const limit = ({ bytesPerSecond, requests }: EngineLimits): void => {
    rate.limit = bytesPerSecond;
    paces.max = requests;
  };
  limit(limits);
  const sender = new RequestSender({ key, connections: MAX_REQUESTS, take: rate.take });
  const clients = new LookupClients(key);
  const target = new FirstHealthyTarget({ servers, machineKey, now, random: Math.random });
  const fleet = openEngineFleet({ servers, key, machineKey, target });
  const hash = cachedHashes(queue, now);
  const fault = (error: unknown): void => {
    faults.add(error);
    onFault(error);
  };
  const engine = new UploadEngine({
    ...{ store: queue, hash, lookup: clients.lookup, sender, now, target, paces, limits: new ServerLimits() },
    ...{ random: Math.random, uuid: randomUUID, setTimer },
    ...(onChanged !== undefined && { onChanged }),
    onFault: fault,
    onHolding: (error) => faults.add(error),
  });
  const meter = new ProgressMeter(measured);
  const measuring = setInterval(() => {
    try {
      meter.note(performance.now(), engine.status);
    } catch (error) {
      // The queue cannot be read; nothing will mend that but a new start.
      clearInterval(measuring);
      fault(error);
    }
  }, MEASURE_EVERY_MS);
  const tracker = new CallTracker();
  const ending = new AbortController();
  const { signal } = ending;
  const queueService = new QueueService({
    engine,
    queue,
    settings,
    meter,
    limit,
    now,
    targets: () => target.view(),
    retryTargets: () => target.retryNow(),
    signal,
  });
  const reportService = new ReportService({
    ...{ queue, queueFile, settings, hash, meter, fleet, faults, version, now, signal, access: { servers, key } },
    lookup: lookupWithFailOver(target, clients.lookup),
  });
  const end = async (): Promise<void> => {
    ending.abort();
    clearInterval(measuring);
    await Promise.all([engine.pause(), tracker.close(), fleet.close()]);
    sender.close();
    clients.close();
    queue.close();
    // For the forecasts of the next run; a disk that is full is no reason not to end.
    if (meter.rate !== measured)
      await settings.change({ measured: meter.rate }).catch((error: unknown) => faults.add(error));
  };
  // Whatever waits because of it waits no longer.
  fleet.onBack(() => {
    tracker.run(() => queueService.goOn()).catch((error: unknown) => faults.add(error));
  });
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => (ended ??= end());
  const start = (): QueueCounts => {
    fleet.start();
    return engine.start(settings.settings);
  };
  return {
    engine,
    queue,
    fleet,
    service: engineHandlers(queueService, reportService, tracker),
    setAside,
    start,
    close,
    whenDone: () => queueService.whenDone(),
  };
}

async function makeFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: OWNER_ONLY });
  } catch (error) {
    throw new FleetError('IO_FAILED', `the data folder ${dataDir} cannot be made`, {
      cause: error,
      hint: 'Choose another one by --data, or see who may write there.',
    });
  }
}

async function openSettings(dataDir: string, queue: UploadQueueStore): Promise<EngineSettingsFile> {
  try {
    return await EngineSettingsFile.open(join(dataDir, SETTINGS_FILE));
  } catch (error) {
    queue.close();
    throw error;
  }
}

function setTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
