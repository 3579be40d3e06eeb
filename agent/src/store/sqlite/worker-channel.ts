import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import {
  fromWire,
  type Answer,
  type Arguments,
  type Call,
  type CatalogMethod,
  type Reply,
  type Request,
  type Response,
  type WorkerSettings,
} from './protocol.ts';

/** Far above what the limits of uploads and replication let through; a bug ends here instead of in the memory. */
const MAX_PENDING_CALLS = 100_000;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: FleetError) => void;
  readonly parts: unknown[];
}

/** The calls of one thread: sent in lists, one message per turn of the event loop, answered by id. */
export class WorkerChannel {
  readonly #worker: Worker;
  readonly #onCrash: (error: FleetError) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #opened = Promise.withResolvers<string>();
  #outbox: Call[] = [];
  #nextId = 1;
  #isOpen = false;
  #isClosing = false;
  /** Why no call is taken any more. */
  #ended: FleetError | null = null;

  /** `onCrash` hears of a thread that ends unasked after it was opened; the channel is of no use any more then. */
  constructor(worker: Worker, onCrash: (error: FleetError) => void = () => undefined) {
    this.#worker = worker;
    this.#onCrash = onCrash;
    worker.on('message', (response: Response) => this.#receive(response));
    worker.on('error', (error) => {
      this.#end(new FleetError('INTERNAL', `a thread of the catalog failed: ${String(error)}`, { cause: error }));
    });
    worker.on('exit', (code) => {
      if (this.#isClosing) this.#end(new FleetError('SHUTTING_DOWN', 'the catalog is closed'));
      else this.#end(new FleetError('INTERNAL', `a thread of the catalog ended with code ${String(code)}`));
    });
  }

  /** Returns when the database is open, with the server's id from the writer. */
  open(settings: WorkerSettings): Promise<string> {
    this.#post({ kind: 'open', settings });
    return this.#opened.promise;
  }

  async call<M extends CatalogMethod>(method: M, ...args: Arguments<M>): Promise<Answer<M>> {
    if (this.#ended !== null) throw this.#ended;
    if (this.#pending.size >= MAX_PENDING_CALLS) {
      throw new FleetError('IO_FAILED', `${String(MAX_PENDING_CALLS)} calls wait for the catalog`);
    }
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject, parts: [] });
    if (this.#outbox.push({ id, method, args }) === 1) setImmediate(() => this.#flush());
    // The worker answers each method with its own type: the tables in writer.ts and reader.ts are checked for that.
    return (await promise) as Answer<M>;
  }

  /** Lets the thread answer what it was given, close its database and end. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    this.#isClosing = true;
    this.#flush();
    const ended = once(this.#worker, 'exit');
    this.#post({ kind: 'close' });
    await ended;
  }

  #flush(): void {
    const calls = this.#outbox;
    this.#outbox = [];
    if (calls.length > 0) this.#post({ kind: 'calls', calls });
  }

  #post(request: Request): void {
    this.#worker.postMessage(request);
  }

  #receive(response: Response): void {
    switch (response.kind) {
      case 'ready':
        this.#isOpen = true;
        this.#opened.resolve(response.serverId);
        break;
      case 'refused':
        this.#end(fromWire(response.error));
        break;
      case 'replies':
        for (const reply of response.replies) this.#settle(reply);
        break;
    }
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    if ('part' in reply) {
      for (const item of reply.part) pending.parts.push(item);
      return;
    }
    this.#pending.delete(reply.id);
    if ('error' in reply) pending.reject(fromWire(reply.error));
    else if (pending.parts.length > 0) pending.resolve([...pending.parts, ...(reply.value as readonly unknown[])]);
    else pending.resolve(reply.value);
  }

  #end(reason: FleetError): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#opened.reject(this.#ended);
    for (const pending of this.#pending.values()) pending.reject(this.#ended);
    this.#pending.clear();
    if (this.#isOpen && !this.#isClosing) this.#onCrash(reason);
  }
}
