/**
 * The hashes of the resolver. Only 32-bit integer arithmetic, so that every language gets the same bits;
 * shared/aspnet/KeyHash.cs is this file in C#, and shared/vectors/rendezvous.tsv holds both to it.
 */

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** What a UTF-8 encoder puts in the place of half a surrogate pair. */
const REPLACEMENT = 0xfffd;

/** FNV-1a with `seed` as its start, over the UTF-8 bytes of `text`, then mixed; from 0 to 2³² − 1. */
export function hashText(text: string, seed = FNV_OFFSET): number {
  let hash = seed | 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // Encoded here instead of by TextEncoder, which would allocate for each key.
    if (unit < 0x80) {
      hash = Math.imul(hash ^ unit, FNV_PRIME);
      continue;
    }
    const point = codePointAt(text, index);
    if (point > 0xffff) index += 1;
    hash = hashPoint(hash, point);
  }
  return mix(hash) >>> 0;
}

/** The finaliser of MurmurHash3 (public domain, Austin Appleby): every bit in moves every bit out; reversible. */
export function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function codePointAt(text: string, index: number): number {
  const point = text.codePointAt(index) ?? REPLACEMENT;
  return point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point;
}

/** One code point above the ASCII range, as two to four bytes. */
function hashPoint(start: number, point: number): number {
  let hash = start;
  if (point < 0x800) {
    hash = Math.imul(hash ^ (0xc0 | (point >> 6)), FNV_PRIME);
  } else {
    if (point < 0x10000) {
      hash = Math.imul(hash ^ (0xe0 | (point >> 12)), FNV_PRIME);
    } else {
      hash = Math.imul(hash ^ (0xf0 | (point >> 18)), FNV_PRIME);
      hash = Math.imul(hash ^ (0x80 | ((point >> 12) & 0x3f)), FNV_PRIME);
    }
    hash = Math.imul(hash ^ (0x80 | ((point >> 6) & 0x3f)), FNV_PRIME);
  }
  return Math.imul(hash ^ (0x80 | (point & 0x3f)), FNV_PRIME);
}
