import type { FailureCode } from '#bridge/engine-words.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';

/**
 * Failures of a whole request that a single file of it may cause, such as one that breaks the server's own code. Sent alone
 * such a file does it to itself only, and one of them proves nothing against the server.
 */
const CODES: ReadonlySet<FailureCode> = new Set<ErrorCode>([
  'INTERNAL',
  'BODY_MALFORMED',
  'INPUT_INVALID',
  'PEER_FAILED',
  'PEER_ANSWER_INVALID',
]);

export function mayBeOneFile(code: FailureCode): boolean {
  return CODES.has(code);
}
