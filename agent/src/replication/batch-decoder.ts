import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { allocateOwned, freeChunk } from '#store/owned-buffer.ts';
import { MAX_LINE_BYTES } from './batch-manifest.ts';

const LINE_END = 0x0a;

/**
 * Takes a peer request apart while it arrives: first its line, then bodies whose sizes the line has told. It never holds
 * more than the line and one chunk. A body that ends too early, a connection that breaks and bytes after the last body
 * are BODY_MALFORMED.
 */
export class BatchDecoder {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  /** What is left of the chunk. */
  #rest: Uint8Array = this.#chunk;
  /** Somebody may still read a part of the chunk. */
  #isShared = false;
  #isAtEnd = false;
  /** Bytes of the current body that nobody has taken yet. */
  #openBytes = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** The first line without its end. */
  async readLine(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for (;;) {
      if (!(await this.#fill())) throw new FleetError('BODY_MALFORMED', 'the request ended within its first line');
      const end = this.#rest.indexOf(LINE_END);
      const part = this.#rest.subarray(0, end < 0 ? this.#rest.length : end);
      this.#isShared = true;
      sizeBytes += part.length;
      if (sizeBytes > MAX_LINE_BYTES) {
        throw new FleetError('BODY_MALFORMED', `the first line has more than ${String(MAX_LINE_BYTES)} bytes`);
      }
      parts.push(part);
      this.#rest = this.#rest.subarray(end < 0 ? this.#rest.length : end + 1);
      if (end >= 0) return parts.length === 1 ? part : Buffer.concat(parts);
    }
  }

  /** The next `sizeBytes` bytes. What is not taken of them is skipped when the next body begins. */
  async body(sizeBytes: number): Promise<AsyncIterable<Uint8Array>> {
    await this.skip();
    this.#openBytes = sizeBytes;
    return this.#openChunks();
  }

  /** The next `sizeBytes` bytes in one piece, which the caller may free; for bodies that are known to be small. */
  async bytes(sizeBytes: number): Promise<Buffer<ArrayBuffer>> {
    await this.skip();
    this.#openBytes = sizeBytes;
    if (sizeBytes > 0) await this.#assertMore();
    // Copied also when it is whole: the chunk that it is a part of would otherwise stay in memory as long as it.
    const whole = allocateOwned(sizeBytes);
    for (let at = 0; at < sizeBytes;) {
      const part = await this.#take();
      whole.set(part, at);
      at += part.length;
      if (this.#rest.length === 0 && !this.#isShared) freeChunk(this.#chunk);
    }
    return whole;
  }

  /** Skips what is left of the current body. */
  async skip(): Promise<void> {
    while (this.#openBytes > 0) await this.#take();
  }

  /** Skips what is left of the last body and checks that nothing follows. */
  async finish(): Promise<void> {
    await this.skip();
    if (await this.#fill()) throw new FleetError('BODY_MALFORMED', 'bytes follow the last body of the batch');
  }

  /** Lets the source go, wherever reading stopped, so that somebody else can throw its rest away. */
  async release(): Promise<void> {
    await this.#iterator.return?.();
  }

  async *#openChunks(): AsyncGenerator<Uint8Array> {
    while (this.#openBytes > 0) {
      const part = await this.#take();
      this.#isShared = true;
      yield part;
    }
  }

  async #take(): Promise<Uint8Array> {
    await this.#assertMore();
    const chunk = this.#rest.subarray(0, Math.min(this.#openBytes, this.#rest.length));
    this.#rest = this.#rest.subarray(chunk.length);
    this.#openBytes -= chunk.length;
    return chunk;
  }

  async #assertMore(): Promise<void> {
    if (await this.#fill()) return;
    throw new FleetError('BODY_MALFORMED', `the batch ended ${String(this.#openBytes)} bytes before its time`);
  }

  /** Makes sure that there are bytes; false at the end. */
  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0 && !this.#isAtEnd) {
      const step = await this.#next();
      if (step.done === true) this.#isAtEnd = true;
      else this.#start(step.value);
    }
    return this.#rest.length > 0;
  }

  #start(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#rest = chunk;
    this.#isShared = false;
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#iterator.next();
    } catch (error) {
      this.#isAtEnd = true;
      if (error instanceof FleetError) throw error;
      throw new FleetError('BODY_MALFORMED', 'the connection broke within the batch', { cause: error });
    }
  }
}
