import type { WorkerChannel } from '../threads/worker-channel.ts';
import type { SmallFiles, WholeFile } from './small-files.ts';

/** SmallFiles as it crosses to a thread: a Buffer arrives there, and comes back, as the plain bytes it is made of. */
export interface FileCalls {
  readonly writeFile: (file: string, bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
  readonly renameFile: (from: string, to: string) => Promise<string | null>;
  readonly readFile: (file: string, sizeBytes: number) => Promise<Uint8Array<ArrayBuffer> | Exclude<WholeFile, Buffer>>;
}

/** Work on small files in a thread: neither a disk that hesitates nor hashing holds up the event loop. */
export class ThreadFiles implements SmallFiles {
  readonly #channel: () => Pick<WorkerChannel<FileCalls>, 'call' | 'callWith'>;

  /** `channel` throws SHUTTING_DOWN while there is no thread. */
  constructor(channel: () => Pick<WorkerChannel<FileCalls>, 'call' | 'callWith'>) {
    this.#channel = channel;
  }

  async write(file: string, bytes: Buffer<ArrayBuffer>): Promise<string> {
    return this.#channel().callWith([bytes.buffer], 'writeFile', file, bytes);
  }

  async rename(from: string, to: string): Promise<string | null> {
    return this.#channel().call('renameFile', from, to);
  }

  async read(file: string, sizeBytes: number): Promise<WholeFile> {
    const whole = await this.#channel().call('readFile', file, sizeBytes);
    return typeof whole === 'string' ? whole : Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
  }
}
