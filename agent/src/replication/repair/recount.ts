import type { Catalog } from '#store/catalog.ts';
import type { BucketCorrection, BucketDigest, DigestView } from '#store/repair-reads.ts';
import { sumDigests } from '#store/set-digest.ts';

const ALL: DigestView = { untilMs: null, tombstonesFromMs: 0 };

/**
 * Compares the digests that are kept with the records, day by day, and puts right what does not fit: without that, a
 * record that was deleted from the catalog's file by hand would be missing and yet be counted for ever. Buckets that are
 * written to meanwhile are left for the next time. Answers how many were wrong.
 */
export async function recount(
  catalog: Pick<Catalog, 'digestDays' | 'digestBuckets' | 'recountBuckets' | 'correctBuckets'>,
  signal: AbortSignal,
): Promise<number> {
  let corrected = 0;
  for (const { day } of await catalog.digestDays(ALL)) {
    signal.throwIfAborted();
    const before = await catalog.digestBuckets(ALL, day);
    const counted = await catalog.recountBuckets(day);
    const corrections = correctionsOf(day, before, counted);
    if (corrections.length > 0) corrected += await catalog.correctBuckets(corrections);
  }
  return corrected;
}

/** Kept digests that are not those of the records. */
export function correctionsOf(
  day: string,
  kept: readonly BucketDigest[],
  counted: readonly BucketDigest[],
): readonly BucketCorrection[] {
  const found = new Map(counted.map((digest) => [digest.bucket, digest]));
  return kept.flatMap(({ bucket, digest }) => {
    const { bucket: _bucket, ...is } = found.get(bucket) ?? { bucket, ...sumDigests([]) };
    return is.digest === digest ? [] : [{ day, bucket, was: digest, counted: is }];
  });
}
