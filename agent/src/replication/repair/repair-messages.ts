import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { ENTRY_BYTES, type BucketDigest, type EntryPage } from '#store/repair-reads.ts';
import { entrySchema } from '../batch-manifest.ts';

/** The questions of a comparison as they go over the wire, and their answers. Short hashes are base64, eight bytes each. */
export const ROOT_PATH = '/peer/v1/repair/root';
export const DAYS_PATH = '/peer/v1/repair/days';
export const BUCKETS_PATH = '/peer/v1/repair/buckets';
export const ENTRIES_PATH = '/peer/v1/repair/entries';
export const RECORDS_PATH = '/peer/v1/repair/records';
export const RUN_PATH = '/peer/v1/repair/run';
export const STATUS_PATH = '/peer/v1/repair/status';
export const FETCH_PATH = '/peer/v1/fetch';

/** Entries in one page, records in one answer and images in one fetch. */
export const PAGE_ENTRIES = 20_000;
export const MAX_RECORDS = 256;
export const MAX_FETCHED = 64;
export const BUCKETS = 256;
/** Hex digits of a digest that tell two sets apart; the whole is compared at the root only. */
export const SHORT_DIGITS = 2 * ENTRY_BYTES;

const MAX_POSITION = 4000;
const count = z.number().int().min(0);
const view = z.object({ untilMs: z.number().int().nullable(), tombstonesFromMs: z.number().int() });
const day = z.string().regex(/^(?:named|\d{4}\/\d{1,2}\/\d{1,2})$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const short = z.string().regex(/^[0-9a-f]{16}$/);
const packed = z.base64();
const range = z.object({
  view,
  day,
  buckets: z
    .array(
      z
        .number()
        .int()
        .min(0)
        .max(BUCKETS - 1),
    )
    .max(BUCKETS),
  after: z.string().max(MAX_POSITION),
  upTo: z.string().max(MAX_POSITION).nullable(),
});
const failure = z.object({ path: z.string(), code: z.string(), message: z.string() });

export const rootQuestion = z.object({ view });
export const bucketsQuestion = z.object({ view, day });
export const entriesQuestion = range;
export const recordsQuestion = range.extend({ hashes: packed });
export const statusQuestion = z.object({ run: z.string().max(100) });
export const fetchQuestion = z.object({
  items: z
    .array(z.object({ path: z.string(), version: z.string() }))
    .min(1)
    .max(MAX_FETCHED),
});

export const rootAnswer = z.object({
  records: count,
  images: count,
  bytes: count,
  oldestMs: z.number().int().nullable(),
  digest,
});
export const daysAnswer = z.object({ days: z.array(z.tuple([day, short])) });
/** One short digest for each bucket, zeros where it has no record. */
export const bucketsAnswer = z.object({ digests: packed });
export const entriesAnswer = z.object({ settled: packed, open: packed, next: z.string().max(MAX_POSITION).nullable() });
export const recordsAnswer = z.object({ records: z.array(entrySchema).max(MAX_RECORDS) });
export const runAnswer = z.object({ run: z.string().max(100) });
export const statusAnswer = z.object({
  /** unknown: the server that was asked has been started again since. */
  state: z.enum(['waiting', 'running', 'done', 'unknown']),
  pulled: count,
  bytes: count,
  failed: z.array(failure),
});
export type RunStatus = z.infer<typeof statusAnswer>;

/** One for each bucket, in order. */
export function shortDigests(buckets: readonly BucketDigest[]): readonly string[] {
  const digests = Array.from({ length: BUCKETS }, () => '0'.repeat(SHORT_DIGITS));
  for (const { bucket, digest } of buckets) digests[bucket] = digest.slice(0, SHORT_DIGITS);
  return digests;
}

export function pack(hashes: readonly string[]): string {
  return Buffer.from(hashes.join(''), 'hex').toString('base64');
}

/** Throws PEER_ANSWER_INVALID for a length that no list of short hashes has. */
export function unpack(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % ENTRY_BYTES === 0) return bytes;
  throw new FleetError('PEER_ANSWER_INVALID', 'a list of hashes has a length that is not known');
}

export function packPage({ settled, open, next }: EntryPage): z.infer<typeof entriesAnswer> {
  return { settled: base64Of(settled), open: base64Of(open), next };
}

export function unpackPage({ settled, open, next }: z.infer<typeof entriesAnswer>): EntryPage {
  return { settled: unpack(settled), open: unpack(open), next };
}

/** Reads an answer. Throws PEER_ANSWER_INVALID. */
export function answered<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FleetError('PEER_ANSWER_INVALID', `the answer to ${what} has a form that is not known`, {
    cause: parsed.error,
  });
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
