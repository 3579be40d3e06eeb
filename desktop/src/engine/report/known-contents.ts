import { hashMark } from './hash-mark.ts';

/** Which contents were seen. A bounded number of them, and says when it could not keep one. */
export class KnownContents {
  readonly #marks = new Set<string>();
  readonly #limit: number;
  #isWhole = true;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False: some contents are not known, because there were too many. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Answers whether the content was seen before, as far as that is known. */
  add(sha256: string): boolean {
    const mark = hashMark(sha256);
    if (this.#marks.has(mark)) return true;
    if (this.#marks.size < this.#limit) this.#marks.add(mark);
    else this.#isWhole = false;
    return false;
  }
}
