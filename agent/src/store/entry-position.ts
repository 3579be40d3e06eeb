import { NAMED, bucketOf } from './set-digest.ts';

/**
 * The place of a record among those of its day. Generated names lie together in the catalog's own order, by path; named
 * images lie everywhere, so they are kept by bucket and then by path.
 */
export function positionOf(fold: string): string {
  const { day, bucket } = bucketOf(fold);
  return day === NAMED ? namedPosition(bucket, fold) : fold;
}

export function namedPosition(bucket: number, fold: string): string {
  return `${bucket.toString(16).padStart(2, '0')}/${fold}`;
}

/** The parts of a position of a named image; the empty position is before all of them. */
export function parseNamedPosition(position: string): { readonly bucket: number; readonly fold: string } {
  const bucket = parseInt(position.slice(0, 2), 16);
  return Number.isNaN(bucket) ? { bucket: 0, fold: '' } : { bucket, fold: position.slice(3) };
}

/** Order of SQLite and of every position: by the bytes of UTF-8. */
export function isAfter(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;
}
