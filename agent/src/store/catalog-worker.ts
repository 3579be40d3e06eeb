import { parentPort, type MessagePort } from 'node:worker_threads';
import { CallQueue, type CallHandlers } from './sqlite/call-queue.ts';
import { toWire, type Reply, type Request, type Response, type WorkerSettings } from './sqlite/protocol.ts';
import { readHandlers } from './sqlite/reader.ts';
import { openForReading, openForWriting } from './sqlite/schema.ts';
import { sqliteError } from './sqlite/sqlite-error.ts';
import { CatalogWriter, dropForeignDeliveries, ensureServerId } from './sqlite/writer.ts';

interface Half {
  readonly serverId: string;
  readonly handlers: CallHandlers;
  readonly transact: <T>(work: () => T) => T;
  readonly afterBatch: () => void;
  readonly close: () => void;
}

function openHalf({ role, file, peers }: WorkerSettings): Half {
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

/** One thread of the catalog, the writer or the reader. This file is an entry: it runs when it is imported. */
class CatalogThread {
  readonly #port: MessagePort;
  #half: Half | null = null;
  #queue: CallQueue | null = null;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  handle(request: Request): void {
    switch (request.kind) {
      case 'open':
        this.#open(request.settings);
        break;
      case 'calls':
        this.#queue?.add(request.calls);
        break;
      case 'close':
        if (this.#queue === null) this.#close();
        else this.#queue.whenIdle(() => this.#close());
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
      this.#send({ kind: 'ready', serverId: half.serverId });
    } catch (error) {
      this.#send({ kind: 'refused', error: toWire(translate(error)) });
      this.#close();
    }
  }

  #close(): void {
    this.#half?.close();
    this.#port.close();
  }

  #send(response: Response): void {
    this.#port.postMessage(response);
  }
}

if (parentPort === null) throw new Error('the catalog worker runs as a thread of the agent, not by itself');
const thread = new CatalogThread(parentPort);
parentPort.on('message', (request: Request) => thread.handle(request));
