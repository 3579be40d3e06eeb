import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { SmallFiles } from '../disk/small-files.ts';
import type { FileCalls } from '../disk/thread-files.ts';
import { toWire, type Call, type Reply } from './thread-protocol.ts';

/** Sends replies; `memory` goes with them and is empty here afterwards. */
export type SendReplies = (replies: readonly Reply[], memory: readonly ArrayBuffer[]) => void;

type Handlers = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

/** The calls on small files in a thread. They run beside each other; those that end in the same turn are answered together. */
export class FileQueue {
  readonly #handlers: Handlers;
  readonly #send: SendReplies;
  #running = 0;
  #outbox: Reply[] = [];
  #idle: (() => void) | null = null;

  constructor(files: SmallFiles, send: SendReplies) {
    const table: FileCalls = {
      writeFile: (file, bytes) => files.write(file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
      renameFile: (from, to) => files.rename(from, to),
      readFile: (file, sizeBytes) => files.read(file, sizeBytes),
    };
    this.#handlers = { ...table } as unknown as Handlers;
    this.#send = send;
  }

  /** Whether the call is one on files. */
  takes({ method }: Call): boolean {
    return method in this.#handlers;
  }

  add(calls: readonly Call[]): void {
    for (const call of calls) void this.#run(call);
  }

  /** Calls back when everything that was handed in is answered. */
  whenIdle(idle: () => void): void {
    this.#idle = idle;
    this.#tellIdle();
  }

  async #run({ id, method, args }: Call): Promise<void> {
    this.#running += 1;
    const reply = await this.#answer(id, method, args);
    this.#running -= 1;
    if (this.#outbox.push(reply) === 1) setImmediate(() => this.#flush());
  }

  async #answer(id: number, method: string, args: readonly unknown[]): Promise<Reply> {
    try {
      return { id, value: await this.#handlers[method]?.(...args) };
    } catch (error) {
      const known = error instanceof FleetError ? error : new FleetError('INTERNAL', String(error), { cause: error });
      return { id, error: toWire(known) };
    }
  }

  #flush(): void {
    const replies = this.#outbox;
    this.#outbox = [];
    const memory = replies.flatMap((reply) =>
      'value' in reply && reply.value instanceof Uint8Array ? [reply.value.buffer as ArrayBuffer] : [],
    );
    this.#send(replies, memory);
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#running === 0 && this.#outbox.length === 0) this.#idle?.();
  }
}
