import { basename } from 'node:path';
import type { QueueItem } from '#engine/queue/queue-item.ts';
import { hashMark, textMark } from './hash-mark.ts';

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
    const name = nameMark(file);
    const mark = hashMark(sha256);
    const known = this.#marks.get(name);
    if (known === undefined && this.#marks.size >= this.#limit) this.#isWhole = false;
    else this.#marks.set(name, known === undefined || known === mark ? mark : SEVERAL);
  }

  /** Whether a file of this name was seen with other bytes. */
  hasOther({ file, sha256 }: Pick<QueueItem, 'file'> & { readonly sha256: string }): boolean {
    const known = this.#marks.get(nameMark(file));
    return known !== undefined && known !== hashMark(sha256);
  }
}

function nameMark(file: string): string {
  return textMark(basename(file));
}
