import { Socket } from 'node:net';

/** How long an answer may still be on its way after the server has stopped taking our bytes. */
const PATIENCE_MS = 2000;

type Callback = (error?: Error | null) => void;

/**
 * A socket that reads on when writing fails. A server that refuses an upload early answers and closes; the kernel still
 * holds the answer, but Node destroys a socket on its first failed write and the answer with it. Here the failure is
 * held back until the answer was read to its end or the patience is over.
 */
export class PatientSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, callback: Callback): void {
    super._write(chunk, encoding, this.#patient(callback));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: Callback): void {
    super._writev?.(chunks, this.#patient(callback));
  }

  #patient(callback: Callback): Callback {
    return (error) => {
      if (error === undefined || error === null) {
        callback();
        return;
      }
      const timer = setTimeout(() => {
        callback(error);
      }, PATIENCE_MS);
      this.once('end', () => {
        clearTimeout(timer);
        callback(error);
      });
    };
  }
}
