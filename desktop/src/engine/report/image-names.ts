import { basename } from 'node:path';
import type { QueueItem } from '#engine/queue/queue-item.ts';

/** Of half a hash: by far enough to tell two contents of one name apart, and half of the memory. */
const MARK_BYTES = 16;
/** Stands for several contents; no mark is empty. */
const SEVERAL = '';

/** Which bytes images of a name were seen with. A bounded number of names, and says when it could not keep one. */
export class ImageNames {
  readonly #marks = new Map<string, string>();
  readonly #limit: number;
  #isWhole = true;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False: some names are not known, because there were too many. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  add({ file, sha256 }: Pick<QueueItem, 'file'> & { readonly sha256: string }): void {
    const name = basename(file);
    const mark = hashMark(sha256);
    const known = this.#marks.get(name);
    if (known === undefined && this.#marks.size >= this.#limit) this.#isWhole = false;
    else this.#marks.set(name, known === undefined || known === mark ? mark : SEVERAL);
  }

  /** Whether a file of this name was seen with other bytes. */
  hasOther({ file, sha256 }: Pick<QueueItem, 'file'> & { readonly sha256: string }): boolean {
    const known = this.#marks.get(basename(file));
    return known !== undefined && known !== hashMark(sha256);
  }
}

/** One character a byte: a slice of the text would keep the whole text alive. */
export function hashMark(sha256: string): string {
  return Buffer.from(sha256, 'hex').toString('latin1', 0, MARK_BYTES);
}
