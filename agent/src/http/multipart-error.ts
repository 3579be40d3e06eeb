import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';

const CODE_OF_LIMIT: Readonly<Record<string, ErrorCode>> = {
  LIMIT_FILE_SIZE: 'FILE_TOO_LARGE',
  LIMIT_FILE_COUNT: 'TOO_MANY_FILES',
  LIMIT_PART_COUNT: 'TOO_MANY_FILES',
  LIMIT_FIELD_COUNT: 'TOO_MANY_FILES',
  LIMIT_FIELD_KEY: 'INPUT_INVALID',
  LIMIT_FIELD_VALUE: 'INPUT_INVALID',
  LIMIT_FIELD_NESTING: 'INPUT_INVALID',
  LIMIT_FIELD_ARRAY_INDEX: 'INPUT_INVALID',
  INVALID_FIELD_NAME: 'INPUT_INVALID',
  MISSING_FIELD_NAME: 'BODY_MALFORMED',
};
const SENTENCES: Partial<Record<ErrorCode, string>> = {
  TOO_MANY_FILES: 'The request has more parts than this server takes at once.',
  INPUT_INVALID: 'A text field of the request is too long or oddly named.',
};
/** What busboy says of a broken body; it has no codes. */
const MALFORMED =
  /^(Unexpected end of (form|file)|Malformed|Multipart:|Unsupported content type|Missing Content-Type|Request (aborted|closed))/;

/** The one place where multer's and busboy's errors become ours. An error that is neither comes back as it is. */
export function multipartError(error: unknown): unknown {
  if (error instanceof FleetError || !(error instanceof Error)) return error;
  const limit = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const code = CODE_OF_LIMIT[limit];
  if (code !== undefined) return new FleetError(code, SENTENCES[code] ?? 'The body breaks a limit.', { cause: error });
  if (MALFORMED.test(error.message) || limit === 'ECONNRESET') {
    return new FleetError('BODY_MALFORMED', 'The body is broken or ended early.', { cause: error });
  }
  return error;
}
