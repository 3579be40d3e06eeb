import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { fromWire, type Call, type Reply, type Request, type Response } from './thread-protocol.ts';

/** Far above what the limits of uploads and replication let through; a bug ends here instead of in the memory. */
const MAX_PENDING_CALLS = 100_000;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: FleetError) => void;
  readonly parts: unknown[];
}

/** What a thread can be asked: its methods as the agent sees them. */
export type ThreadCalls<Calls> = { readonly [M in keyof Calls]: (...args: never[]) => Promise<unknown> };

/** The calls of one thread: sent in lists, one message per turn of the event loop, answered by id. */
export class WorkerChannel<Calls extends ThreadCalls<Calls>> {
  readonly #worker: Worker;
  readonly #onCrash: (error: FleetError) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #opened = Promise.withResolvers<string>();
  #outbox: Call[] = [];
  #outboxMemory: ArrayBuffer[] = [];
  #nextId = 1;
  #isOpen = false;
  #isClosing = false;
  /** Why no call is taken any more. */
  #ended: FleetError | null = null;

  /** `onCrash` hears of a thread that ends unasked after it was opened; the channel is of no use any more then. */
  constructor(worker: Worker, onCrash: (error: FleetError) => void = () => undefined) {
    const name = worker.threadName ?? String(worker.threadId);
    this.#worker = worker;
    this.#onCrash = onCrash;
    worker.on('message', (response: Response) => this.#receive(response));
    worker.on('error', (error) => {
      this.#end(new FleetError('INTERNAL', `the thread ${name} failed: ${String(error)}`, { cause: error }));
    });
    worker.on('exit', (code) => {
      if (this.#isClosing) this.#end(new FleetError('SHUTTING_DOWN', `the thread ${name} is closed`));
      else this.#end(new FleetError('INTERNAL', `the thread ${name} ended with code ${String(code)}`));
    });
  }

  /** Returns when the thread is ready, with what it says then. */
  open(settings: unknown): Promise<string> {
    this.#post({ kind: 'open', settings });
    return this.#opened.promise;
  }

  call<M extends keyof Calls & string>(method: M, ...args: Parameters<Calls[M]>): ReturnType<Calls[M]> {
    return this.callWith([], method, ...args);
  }

  /** A call that gives memory away: it is the thread's from now on, and empty here. */
  callWith<M extends keyof Calls & string>(
    memory: readonly ArrayBuffer[],
    method: M,
    ...args: Parameters<Calls[M]>
  ): ReturnType<Calls[M]> {
    // The thread answers each method with its own type: the tables of handlers are checked for that.
    return this.#enqueue(memory, method, args) as ReturnType<Calls[M]>;
  }

  /** Lets the thread answer what it was given, close what it has open and end. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    this.#isClosing = true;
    this.#flush();
    const ended = once(this.#worker, 'exit');
    this.#post({ kind: 'close' });
    await ended;
  }

  async #enqueue(memory: readonly ArrayBuffer[], method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#ended !== null) throw this.#ended;
    if (this.#pending.size >= MAX_PENDING_CALLS) {
      throw new FleetError('IO_FAILED', `${String(MAX_PENDING_CALLS)} calls wait for one thread`);
    }
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject, parts: [] });
    this.#outboxMemory.push(...memory);
    if (this.#outbox.push({ id, method, args }) === 1) setImmediate(() => this.#flush());
    return promise;
  }

  #flush(): void {
    const calls = this.#outbox;
    const memory = this.#outboxMemory;
    this.#outbox = [];
    this.#outboxMemory = [];
    if (calls.length > 0) this.#post({ kind: 'calls', calls }, memory);
  }

  #post(request: Request, memory: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, memory);
  }

  #receive(response: Response): void {
    switch (response.kind) {
      case 'ready':
        this.#isOpen = true;
        this.#opened.resolve(response.greeting);
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
