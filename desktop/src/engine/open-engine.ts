import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createFleetClient, type FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import { MAX_REQUESTS, type EngineHandlers, type EngineLimits } from './api/engine-api.ts';
import { EngineService } from './engine-service.ts';
import { EngineSettingsFile } from './engine-settings.ts';
import { hashFiles } from './queue/hash-files.ts';
import { openUploadQueue } from './queue/open-upload-queue.ts';
import type { QueueCounts } from './queue/queue-item.ts';
import type { HashFiles, Lookup } from './queue/upload-ports.ts';
import type { UploadQueueStore } from './queue/upload-queue-store.ts';
import { FirstHealthyTarget } from './target/first-healthy-target.ts';
import { ByteRate } from './upload/byte-rate.ts';
import { Paces } from './upload/pace.ts';
import { ProgressMeter } from './upload/progress-meter.ts';
import { RequestSender } from './upload/request-sender.ts';
import { ServerLimits } from './upload/request-plan.ts';
import { UploadEngine } from './upload-engine.ts';

const QUEUE_FILE = 'queue.sqlite';
const SETTINGS_FILE = 'engine.json';
const MEASURE_EVERY_MS = 500;

export interface EngineOptions {
  /** Holds the queue and the engine's settings; created when it is not there. */
  readonly dataDir: string;
  /** Starts of the addresses of the fleet's servers. */
  readonly servers: readonly string[];
  readonly key: string | undefined;
  readonly onChanged?: () => void;
  readonly onFault: (error: unknown) => void;
}

export interface OpenedEngine {
  readonly engine: UploadEngine;
  readonly queue: UploadQueueStore;
  readonly service: EngineHandlers;
  /** Where a damaged queue was set aside; null when there was none. */
  readonly setAsideAs: string | null;
  /** Takes up what the last run left, and goes on unless it was told to pause; answers how the queue stands. */
  start(): QueueCounts;
  close(): Promise<void>;
}

/** The engine on a queue on the disk and a fleet over HTTP. Fails with the FleetError of the queue or its settings. */
export async function openEngine(options: EngineOptions): Promise<OpenedEngine> {
  await mkdir(options.dataDir, { recursive: true });
  const now = (): number => Date.now();
  const { queue, setAsideAs } = openUploadQueue(join(options.dataDir, QUEUE_FILE), now());
  const settings = await openSettings(options.dataDir, queue);
  const rate = new ByteRate({ now: () => performance.now(), setTimer });
  const paces = new Paces({ now });
  const limit = ({ bytesPerSecond, requests }: EngineLimits): void => {
    rate.limit = bytesPerSecond;
    paces.max = requests;
  };
  limit(settings.settings.limits);
  const sender = new RequestSender({ key: options.key, connections: MAX_REQUESTS, take: rate.take });
  const clients = new Clients(options.key);
  const { servers, onChanged, onFault } = options;
  const { machineKey } = settings.settings;
  const target = new FirstHealthyTarget({ servers, machineKey, now, random: Math.random });
  const engine = new UploadEngine({
    ...{ store: queue, hash: hasher(queue, now), lookup: clients.lookup, sender, onFault, now, target, paces },
    ...{ limits: new ServerLimits(), random: Math.random, uuid: randomUUID, setTimer },
    ...(onChanged !== undefined && { onChanged }),
  });
  const meter = new ProgressMeter();
  const measuring = setInterval(() => meter.note(performance.now(), engine.status), MEASURE_EVERY_MS);
  const ending = new AbortController();
  const service = new EngineService({
    ...{ engine, queue, settings, meter, limit, targets: () => target.view(), signal: ending.signal },
  });
  const close = async (): Promise<void> => {
    ending.abort();
    clearInterval(measuring);
    await Promise.all([engine.pause(), service.whenStill()]);
    sender.close();
    clients.close();
    queue.close();
  };
  return { engine, queue, service, setAsideAs, start: () => engine.start(settings.settings), close };
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

function hasher(store: UploadQueueStore, now: () => number): HashFiles {
  return async (items, signal) => {
    const outcomes = [];
    for await (const outcome of hashFiles(items, { known: store, signal, now })) outcomes.push(outcome);
    // One that was changed just now may change again without its stamp.
    store.keepHashes(
      outcomes.flatMap((outcome) =>
        outcome.kind === 'hashed' && !outcome.isKnown && outcome.isSettled
          ? [{ file: outcome.file, sha256: outcome.sha256, ...outcome.stamp }]
          : [],
      ),
    );
    return outcomes;
  };
}

/** One client for each server that was asked. */
class Clients {
  readonly #key: string | undefined;
  readonly #clients = new Map<string, FleetClient>();

  constructor(key: string | undefined) {
    this.#key = key;
  }

  readonly lookup: Lookup = (server, sha256) => {
    let client = this.#clients.get(server);
    if (client === undefined) {
      client = createFleetClient({ server, key: this.#key });
      this.#clients.set(server, client);
    }
    return client.lookupImages({ sha256: [...sha256] });
  };

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}
