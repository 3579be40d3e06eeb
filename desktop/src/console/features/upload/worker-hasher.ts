export interface HashQuestion {
  readonly number: number;
  readonly file: Blob;
}
export type HashAnswer =
  { readonly number: number; readonly sha256: string } | { readonly number: number; readonly problem: string };

/**
 * Hashes in a worker. An end by the signal ends the worker with it: it reads to the end of a file otherwise, and the next
 * one would wait for that.
 */
export class WorkerHasher {
  readonly #createWorker: () => Worker;
  #worker: Worker | null = null;
  #number = 0;

  constructor(createWorker: () => Worker) {
    this.#createWorker = createWorker;
  }

  /** The worker would stay for ever otherwise. */
  readonly end = (): void => {
    this.#worker?.terminate();
    this.#worker = null;
  };

  /** One at a time. Fails with a DOMException when the file cannot be read or the signal ended it. */
  readonly hash = (file: Blob, signal: AbortSignal): Promise<string> => {
    this.#number += 1;
    const number = this.#number;
    const worker = (this.#worker ??= this.#createWorker());
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        worker.removeEventListener('message', onMessage);
        worker.removeEventListener('error', onError);
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const onMessage = ({ data }: MessageEvent<HashAnswer>): void => {
        if (data.number !== number) return;
        finish(() =>
          'sha256' in data ? resolve(data.sha256) : reject(new DOMException(data.problem, 'NotReadableError')),
        );
      };
      const giveUp = (error: Error): void => {
        worker.terminate();
        this.#worker = null;
        finish(() => reject(error));
      };
      const onError = (event: ErrorEvent): void => giveUp(new Error(`the worker failed: ${event.message}`));
      const onAbort = (): void => giveUp(new DOMException('not wanted any more', 'AbortError'));
      worker.addEventListener('message', onMessage);
      worker.addEventListener('error', onError);
      signal.addEventListener('abort', onAbort);
      worker.postMessage({ number, file } satisfies HashQuestion);
    });
  };
}
