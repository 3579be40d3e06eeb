import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** A log file that keeps what was written last: when it is full it becomes `<file>.1` and a new one starts. */
export class BoundedLog {
  readonly #file: string;
  readonly #maxBytes: number;
  #descriptor: number | undefined;
  #sizeBytes = 0;

  constructor(file: string, maxBytes: number) {
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  open(): void {
    this.#descriptor = openSync(this.#file, 'a');
    this.#sizeBytes = fstatSync(this.#descriptor).size;
  }

  /** Synchronous, so that the last words of an agent that dies are in the file before anybody is told of its death. */
  write(chunk: Uint8Array): void {
    if (this.#descriptor === undefined) return;
    if (this.#sizeBytes > 0 && this.#sizeBytes + chunk.length > this.#maxBytes) this.#turnOver();
    writeSync(this.#descriptor, chunk);
    this.#sizeBytes += chunk.length;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #turnOver(): void {
    this.close();
    renameSync(this.#file, `${this.#file}.1`);
    this.open();
  }
}
