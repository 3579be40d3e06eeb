import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createFleetClient, type FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import { hashFiles } from './queue/hash-files.ts';
import { openUploadQueue } from './queue/open-upload-queue.ts';
import type { HashFiles, Lookup } from './queue/upload-ports.ts';
import type { UploadQueueStore } from './queue/upload-queue-store.ts';
import { FirstHealthyTarget } from './target/first-healthy-target.ts';
import { Paces } from './upload/pace.ts';
import { RequestSender } from './upload/request-sender.ts';
import { ServerLimits } from './upload/request-plan.ts';
import { UploadEngine } from './upload-engine.ts';

const QUEUE_FILE = 'queue.sqlite';
const MAX_REQUESTS = 16;

export interface EngineOptions {
  /** Holds the queue; created when it is not there. */
  readonly dataDir: string;
  /** Starts of the addresses of the fleet's servers. */
  readonly servers: readonly string[];
  readonly key: string | undefined;
  /** Chosen once for this machine: it decides which server is preferred. */
  readonly machineKey: string;
  readonly onChanged?: () => void;
  readonly onFault: (error: unknown) => void;
}

export interface OpenedEngine {
  readonly engine: UploadEngine;
  readonly queue: UploadQueueStore;
  /** Where a damaged queue was set aside; null when there was none. */
  readonly setAsideAs: string | null;
  close(): Promise<void>;
}

/** The engine on a queue on the disk and a fleet over HTTP. Fails with the FleetError of the queue. */
export async function openEngine(options: EngineOptions): Promise<OpenedEngine> {
  await mkdir(options.dataDir, { recursive: true });
  const now = (): number => Date.now();
  const { queue, setAsideAs } = openUploadQueue(join(options.dataDir, QUEUE_FILE), now());
  const sender = new RequestSender({ key: options.key, connections: MAX_REQUESTS });
  const clients = new Clients(options.key);
  const { servers, machineKey, onChanged, onFault } = options;
  const engine = new UploadEngine({
    ...{ store: queue, hash: hasher(queue, now), lookup: clients.lookup, sender, onFault, now },
    target: new FirstHealthyTarget({ servers, machineKey, now, random: Math.random }),
    paces: new Paces({ now, max: MAX_REQUESTS }),
    limits: new ServerLimits(),
    random: Math.random,
    uuid: randomUUID,
    setTimer: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    ...(onChanged !== undefined && { onChanged }),
  });
  const close = async (): Promise<void> => {
    await engine.pause();
    sender.close();
    clients.close();
    queue.close();
  };
  return { engine, queue, setAsideAs, close };
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
