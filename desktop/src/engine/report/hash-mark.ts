import { hash } from 'node:crypto';

/** Of a hash: by far enough to tell hundreds of thousands apart, and a quarter of the memory. */
const MARK_BYTES = 8;

/** Stands for a hash, written in hex. One character a byte: a slice of the text would keep the whole text alive. */
export function hashMark(sha256: string): string {
  return Buffer.from(sha256, 'hex').toString('latin1', 0, MARK_BYTES);
}

/** Stands for a text, of which nothing is kept: names and paths are long, and a hundred thousand of them are known. */
export function textMark(text: string): string {
  return hash('sha256', text, 'buffer').toString('latin1', 0, MARK_BYTES);
}
