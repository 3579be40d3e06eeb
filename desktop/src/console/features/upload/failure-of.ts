import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { FailureCode, ItemFailure } from './upload-item.ts';

/** What becomes of a file whose attempt failed. */
export type Verdict = 'retry' | 'fail';

/** Nobody is logged in any more, or the body was cut on the way: the same request may well succeed later. */
const PASSING: ReadonlySet<FailureCode> = new Set(['KEY_MISSING', 'SESSION_MISSING', 'BODY_MALFORMED']);
/** May pass, and may as well be the file or a proxy between: not tried for ever. */
const DOUBTFUL: ReadonlySet<FailureCode> = new Set(['PEER_ANSWER_INVALID', 'DIGEST_MISMATCH', 'BODY_MALFORMED']);
const MAX_DOUBTFUL_ATTEMPTS = 5;

export function failureOf(error: unknown): ItemFailure {
  if (error instanceof FleetError) return { code: error.code, message: error.message };
  if (error instanceof DOMException) return { code: 'FILE_UNREADABLE', message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** A lost connection, a busy or a full server are tried again without end, in sight of the operator. */
export function judge(error: unknown, attempts: number): Verdict {
  const { code } = failureOf(error);
  if (DOUBTFUL.has(code) && attempts >= MAX_DOUBTFUL_ATTEMPTS) return 'fail';
  if (PASSING.has(code)) return 'retry';
  return error instanceof FleetError && error.isRetryable ? 'retry' : 'fail';
}
