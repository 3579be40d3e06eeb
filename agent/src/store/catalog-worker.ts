import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { CallQueue, type CallHandlers } from './sqlite/call-queue.ts';
import { toWire, type Request, type Response, type WorkerSettings } from './sqlite/protocol.ts';
import { readHandlers } from './sqlite/reader.ts';
import { openForReading, openForWriting } from './sqlite/schema.ts';
import { sqliteError } from './sqlite/sqlite-error.ts';
import { CatalogWriter, dropForeignDeliveries, ensureServerId } from './sqlite/writer.ts';

/** One thread of the catalog, the writer or the reader. It is an entry of its own: it runs when it is imported. */
interface Half {
  readonly database: DatabaseSync;
  readonly serverId: string;
  readonly handlers: CallHandlers;
  readonly transact: <T>(work: () => T) => T;
}

function openHalf({ role, file, peers }: WorkerSettings): Half {
  if (role === 'reader') {
    const database = openForReading(file);
    return { database, serverId: '', handlers: readHandlers(database), transact: (work) => work() };
  }
  const database = openForWriting(file);
  const serverId = ensureServerId(database);
  dropForeignDeliveries(database, peers);
  const writer = new CatalogWriter(database, serverId);
  return { database, serverId, handlers: writer.handlers(), transact: (work) => writer.transact(work) };
}

function serve(port: MessagePort, settings: WorkerSettings): void {
  const send = (response: Response): void => {
    port.postMessage(response);
  };
  const translate = (error: unknown) => sqliteError(error, settings.file);
  let half: Half;
  try {
    half = openHalf(settings);
  } catch (error) {
    send({ kind: 'refused', error: toWire(translate(error)) });
    return;
  }
  const { database, serverId, handlers, transact } = half;
  const reply = (replies: Extract<Response, { kind: 'replies' }>['replies']): void => {
    send({ kind: 'replies', replies });
  };
  const queue = new CallQueue({ handlers, transact, translate, reply });
  port.on('message', (request: Request) => {
    if (request.kind === 'calls') {
      queue.add(request.calls);
      return;
    }
    queue.whenIdle(() => {
      database.close();
      port.close();
    });
  });
  send({ kind: 'ready', serverId });
}

if (parentPort === null) throw new Error('the catalog worker runs as a thread of the agent, not by itself');
serve(parentPort, workerData as WorkerSettings);
