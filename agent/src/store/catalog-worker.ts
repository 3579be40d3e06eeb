import { parentPort, type MessagePort } from 'node:worker_threads';
import { DirectorySync } from './disk/directory-sync.ts';
import { FileWork } from './disk/file-work.ts';
import { syncFolder } from './disk/synced-file.ts';
import { HistoryDesk } from './history/history-desk.ts';
import { CallQueue, type CallHandlers } from './sqlite/call-queue.ts';
import type { WorkerSettings } from './sqlite/protocol.ts';
import { readHandlers } from './sqlite/reader.ts';
import { openForReading, openForWriting } from './sqlite/schema.ts';
import { sqliteError } from './sqlite/sqlite-error.ts';
import { CatalogWriter, dropForeignDeliveries, ensureServerId } from './sqlite/writer.ts';
import { FileQueue } from './threads/file-queue.ts';
import { toWire, type Reply, type Request, type Response } from './threads/thread-protocol.ts';

interface Half {
  readonly serverId: string;
  readonly handlers: CallHandlers;
  readonly transact: <T>(work: () => T) => T;
  readonly afterBatch: () => void;
  readonly close: () => void;
}

function openHalf({ role, file, peers }: WorkerSettings): Half {
  if (role === 'history') {
    return {
      ...{ serverId: '', handlers: { whole: {}, sliced: {} }, transact: (work) => work() },
      ...{ afterBatch: () => undefined, close: () => undefined },
    };
  }
  if (role === 'reader') {
    const database = openForReading(file);
    return {
      ...{ serverId: '', handlers: readHandlers(database), transact: (work) => work() },
      ...{ afterBatch: () => undefined, close: () => database.close() },
    };
  }
  const { database, log } = openForWriting(file);
  const serverId = ensureServerId(database);
  dropForeignDeliveries(database, peers);
  const writer = new CatalogWriter({ database, log }, serverId);
  return {
    ...{ serverId, handlers: writer.handlers(), transact: (work) => writer.transact(work) },
    ...{ afterBatch: () => log.checkpointIfLong(), close: () => log.close() },
  };
}

/**
 * One thread of the store. One writes the catalog, and the history beside it; the other reads the catalog and works on
 * small files, because neither ever waits for an fsync, and each thread more costs some ten megabytes. Or it keeps the
 * history alone. This file is an entry: it runs when it is imported.
 */
class StoreThread {
  readonly #port: MessagePort;
  readonly #files: FileQueue;
  readonly #history: HistoryDesk;
  #half: Half | null = null;
  #queue: CallQueue | null = null;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#files = new FileQueue(new FileWork(new DirectorySync(syncFolder)), (replies, memory) =>
      this.#send({ kind: 'replies', replies }, memory),
    );
    this.#history = new HistoryDesk((replies) => this.#send({ kind: 'replies', replies }));
  }

  handle(request: Request): void {
    switch (request.kind) {
      case 'open':
        // What `SqliteCatalog` and `OwnThreadHistory` say, and nobody else.
        this.#open(request.settings as WorkerSettings);
        break;
      case 'calls': {
        const {
          files = [],
          history = [],
          rest = [],
        } = Object.groupBy(request.calls, (call) =>
          this.#files.takes(call) ? 'files' : this.#history.takes(call) ? 'history' : 'rest',
        );
        this.#files.add(files);
        if (history.length > 0) this.#history.add(history);
        if (rest.length > 0) this.#queue?.add(rest);
        break;
      }
      case 'close':
        if (this.#queue === null) this.#close();
        else this.#queue.whenIdle(() => this.#files.whenIdle(() => this.#history.whenIdle(() => this.#close())));
        break;
    }
  }

  #open(settings: WorkerSettings): void {
    const translate = (error: unknown) => sqliteError(error, settings.file);
    try {
      const half = openHalf(settings);
      const reply = (replies: readonly Reply[]) => this.#send({ kind: 'replies', replies });
      this.#half = half;
      this.#queue = new CallQueue({ ...half, translate, reply });
      this.#send({ kind: 'ready', greeting: half.serverId });
    } catch (error) {
      this.#send({ kind: 'refused', error: toWire(translate(error)) });
      this.#close();
    }
  }

  #close(): void {
    this.#history.close();
    this.#half?.close();
    this.#port.close();
  }

  #send(response: Response, memory: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(response, memory);
  }
}

if (parentPort === null) throw new Error('the worker of the store runs as a thread of the agent, not by itself');
const thread = new StoreThread(parentPort);
parentPort.on('message', (request: Request) => thread.handle(request));
