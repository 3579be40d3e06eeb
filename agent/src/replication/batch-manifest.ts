import { z } from 'zod';
import { isErrorCode, type ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';

export const MAX_BATCH_ENTRIES = 256;
/** Longest first line of a peer request, in bytes. */
export const MAX_LINE_BYTES = 1024 * 1024;

const instant = z.number().int().min(0);
/** Unknown fields are dropped, not refused: a newer server may say more. Path and version are judged entry by entry. */
const presentEntry = z.object({
  kind: z.literal('present'),
  path: z.string(),
  version: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.number().int().min(0),
  mediaType: z.string(),
  originalName: z.string(),
  createdAt: instant,
}) satisfies z.ZodType<ImageRecord>;
const tombstoneEntry = z.object({
  kind: z.literal('tombstone'),
  path: z.string(),
  version: z.string(),
  createdAt: instant,
}) satisfies z.ZodType<ImageRecord>;
/** One record as it goes over the wire. */
export const entrySchema = z.discriminatedUnion('kind', [presentEntry, tombstoneEntry]);
const manifestSchema = z.object({ entries: z.array(entrySchema).max(MAX_BATCH_ENTRIES) });

/** Says what of the code table a foreign string is; an unknown one is a failure of the peer all the same. */
const code = z.string().transform((value): ErrorCode => (isErrorCode(value) ? value : 'PEER_FAILED'));
const errorSchema = z.object({ code, message: z.string() });
const outcomeSchema = z.union([
  z.object({ outcome: z.enum(['stored', 'already', 'older']) }),
  z.object({ outcome: z.literal('error'), error: errorSchema }),
]);
const batchAnswerSchema = z.object({ outcomes: z.array(outcomeSchema).max(MAX_BATCH_ENTRIES) });

export type BatchManifest = z.infer<typeof manifestSchema>;
/** How one entry ended at the receiver, after its commit. */
export type EntryOutcome = z.infer<typeof outcomeSchema>;

/** Reads the first line of a batch. Throws BODY_MALFORMED. */
export function parseManifest(line: Uint8Array): BatchManifest {
  return checked(manifestSchema, parseJson(line), 'the manifest');
}

/** Reads the answer to a batch of `count` entries. Throws PEER_ANSWER_INVALID. */
export function parseBatchAnswer(value: unknown, count: number): readonly EntryOutcome[] {
  const parsed = batchAnswerSchema.safeParse(value);
  if (!parsed.success || parsed.data.outcomes.length !== count) {
    throw new FleetError('PEER_ANSWER_INVALID', 'the answer to the batch has a form that is not known', {
      cause: parsed.error,
    });
  }
  return parsed.data.outcomes;
}

/** Reads a first line of any kind as JSON. Throws BODY_MALFORMED. */
export function parseJson(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch (error) {
    throw new FleetError('BODY_MALFORMED', 'the first line of the request is not JSON', { cause: error });
  }
}

/** Throws BODY_MALFORMED with all problems when `value` does not have the form. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FleetError('BODY_MALFORMED', `${what} has a form that is not known: ${z.prettifyError(parsed.error)}`, {
    cause: parsed.error,
  });
}

/** Bytes that follow the manifest for one entry. */
export function bodySizeOf(entry: ImageRecord): number {
  return entry.kind === 'present' ? entry.sizeBytes : 0;
}
