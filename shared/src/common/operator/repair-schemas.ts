import { z } from 'zod';
import { cause, errorCode } from './operator-schemas.ts';

/** Shapes of verify and proof. Instants are epoch milliseconds, but for those of a proof, which people read: ISO 8601. */

const count = z.number().int();
const failure = z.object({ path: z.string(), code: errorCode, message: z.string() });
/** The first failures, and how many there are. */
const failures = { failed: z.array(failure), failedCount: count };

/** Longest wait of one call, seconds; who waits longer asks again. */
export const MAX_WAIT_SECONDS = 25;

export const verifyInput = z.object({
  /** Answers when the run is at its end, or after so many seconds; 0: at once. */
  waitSeconds: z.coerce.number().min(0).max(MAX_WAIT_SECONDS).default(0),
});

export const verifyQuery = z.object({
  /** Of a run that was started; without it the one that is going on or was the last. */
  id: z.string().max(100).optional(),
});

export const verifiedServer = z.object({
  server: z.string(),
  /**
   * equal: nothing differed. healed: what differed is there now. onTheWay: only open deliveries differ. differs: something
   * could not be brought. silent: it did not answer, or not to the end.
   */
  state: z.enum(['waiting', 'running', 'equal', 'healed', 'onTheWay', 'differs', 'silent']),
  /** Records that came from it, and that it got from the server that was asked. */
  pulled: count,
  pulledBytes: count,
  pushed: count,
  pushedBytes: count,
  /** Differences that were left alone, because a delivery is open. */
  onTheWay: count,
  ...failures,
  cause: cause.nullable(),
});
export const verifyReport = z.object({
  id: z.string(),
  reason: z.enum(['command', 'schedule', 'return', 'fall']),
  state: z.enum(['waiting', 'running', 'done']),
  startedAt: count.nullable(),
  finishedAt: count.nullable(),
  /** The server that was asked, and its records. */
  server: z.string(),
  records: count,
  servers: z.array(verifiedServer),
  /** The look at the own files; null where a run did not look. */
  copies: z.object({ checked: count, missing: count, restored: count, ...failures }).nullable(),
  /** Everything that was compared is the same everywhere now, but for what is on its way. */
  isEqual: z.boolean(),
});
export const lastVerify = z.object({ report: verifyReport.nullable() });
export type VerifyReport = z.infer<typeof verifyReport>;
export type VerifiedServer = z.infer<typeof verifiedServer>;

export const proofInput = z.object({
  /** ISO 8601; default: a minute ago. */
  asOf: z.iso.datetime({ offset: true }).optional(),
});
export const proofServer = z.object({
  server: z.string(),
  /** same: has the set of the server that was asked. */
  state: z.enum(['same', 'differs', 'silent']),
  images: count.nullable(),
  /** With tombstones. */
  records: count.nullable(),
  bytes: count.nullable(),
  digest: z.string().nullable(),
  /** The bytes of every image of the set were hashed on this server at this instant or later. */
  hashedSince: z.string().nullable(),
  cause: cause.nullable(),
});
export const proof = z.object({
  document: z.literal('imagefleet proof'),
  version: z.literal(1),
  asOf: z.string(),
  madeAt: z.string(),
  madeBy: z.string(),
  result: z.enum(['same', 'differs', 'incomplete']),
  /** What this says, in words. */
  statement: z.object({ en: z.string(), zh: z.string() }),
  /** What it rests on and what it does not prove. */
  basis: z.object({ en: z.string(), zh: z.string() }),
  servers: z.array(proofServer),
});
export type Proof = z.infer<typeof proof>;
export type ProofServer = z.infer<typeof proofServer>;
