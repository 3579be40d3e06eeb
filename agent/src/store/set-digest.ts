import { hash } from 'node:crypto';
import { idOfPath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';

/** What two servers compare: a set of records in few bytes. The form is argued in ADR 0009. */
export interface SetDigest {
  readonly records: number;
  /** Records that are present; the others are tombstones. */
  readonly images: number;
  /** Of the images. */
  readonly bytes: number;
  /** No image of the set has a version before this instant, epoch milliseconds; null without images. A lower bound: it does not rise when the oldest image goes. */
  readonly oldestMs: number | null;
  /** Exclusive or of the hashes of the records, 64 hex digits: the same in whatever order they came, and taking out is adding again. */
  readonly digest: string;
}

/** The bucket of all images whose path is not a generated one. */
export const NAMED = 'named';
const DIGEST_BYTES = 32;

export interface BucketKey {
  /** `2026/3/9` as it stands in a generated path, or NAMED. */
  readonly day: string;
  /** First byte of the SHA-256 of the folded path. */
  readonly bucket: number;
}

/** Where a path's record is counted. It depends on the folded path only, so that every spelling meets in one bucket. */
export function bucketOf(fold: string): BucketKey {
  const id = idOfPath(fold);
  return { day: id === undefined ? NAMED : id.slice(0, id.lastIndexOf('/')), bucket: bucketByteOf(fold) };
}

export function bucketByteOf(fold: string): number {
  // As characters of one byte each: the cheapest form to take the first one from.
  return hash('sha256', fold, 'binary').charCodeAt(0);
}

/** Hash of one record, 64 hex digits. No field can hold a line break, so no two records give the same text. */
export function entryHash({ kind, path, version, ...rest }: ImageRecord): string {
  return hash('sha256', [kind, path, version, 'sha256' in rest ? rest.sha256 : ''].join('\n'));
}

/** Adds up digests. */
export class DigestSum {
  records = 0;
  images = 0;
  bytes = 0;
  oldestMs: number | null = null;
  readonly digest = new Uint8Array(DIGEST_BYTES);

  add(part: Omit<SetDigest, 'digest'> & { readonly digest: Uint8Array | string }): void {
    this.records += part.records;
    this.images += part.images;
    this.bytes += part.bytes;
    if (part.oldestMs !== null) this.oldestMs = Math.min(part.oldestMs, this.oldestMs ?? Infinity);
    const bytes = typeof part.digest === 'string' ? Buffer.from(part.digest, 'hex') : part.digest;
    for (let at = 0; at < DIGEST_BYTES; at += 1) this.digest[at] = (this.digest[at] ?? 0) ^ (bytes[at] ?? 0);
  }

  replaceBy(counted: SetDigest): void {
    this.records = this.images = this.bytes = 0;
    this.oldestMs = null;
    this.digest.fill(0);
    this.add(counted);
  }

  result(): SetDigest {
    const { records, images, bytes, oldestMs, digest } = this;
    return { records, images, bytes, oldestMs, digest: Buffer.from(digest).toString('hex') };
  }
}

/** The digest of several sets that have no record in common. */
export function sumDigests(parts: Iterable<SetDigest>): SetDigest {
  const sum = new DigestSum();
  for (const part of parts) sum.add(part);
  return sum.result();
}
