import { MAX_BODY_BYTES } from './probe-target.ts';

/** Looks for a text in a body that comes in pieces, however small, and keeps no more than the part that may hold it. */
export class ExpectedText {
  readonly #wanted: Buffer;
  readonly #seen: Buffer;
  #length = 0;
  #isFound: boolean;

  constructor(text: string) {
    this.#wanted = Buffer.from(text);
    this.#seen = Buffer.allocUnsafe(MAX_BODY_BYTES);
    this.#isFound = this.#wanted.length === 0;
  }

  get isFound(): boolean {
    return this.#isFound;
  }

  /** Takes the next piece; what lies beyond the limit is not looked at. */
  take(chunk: Buffer): void {
    if (this.#isFound) return;
    // A match may begin in what came before; what lies further back was searched already.
    const from = Math.max(0, this.#length - this.#wanted.length + 1);
    this.#length += chunk.copy(this.#seen, this.#length);
    this.#isFound = this.#seen.subarray(0, this.#length).includes(this.#wanted, from);
  }
}
