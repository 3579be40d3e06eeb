import { withoutUserInfo } from '../address/without-user-info.ts';
import { isErrorCode, type ErrorCode } from '../errors/error-codes.ts';
import { FleetError } from '../errors/fleet-error.ts';
import { hasFields } from '../errors/foreign-value.ts';

/** The error that an answer carries, or what its status says when it is not in our form. */
export function errorOfAnswer(status: number, body: unknown, server: string): FleetError {
  const { code, message, hint } = hasFields(body) ? body : {};
  if (isErrorCode(code)) {
    return new FleetError(code, typeof message === 'string' ? message : code, typeof hint === 'string' ? { hint } : {});
  }
  return new FleetError(
    codeOfStatus(status),
    `${withoutUserInfo(server)} answered with HTTP status ${String(status)}`,
    {
      hint:
        status === 413
          ? 'A proxy before the server takes no body of this size. nginx: client_max_body_size.'
          : 'The answer is not in the form of an Imagefleet agent. Is there another program or a proxy at this address?',
    },
  );
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 429) return 'RATE_LIMITED';
  if (status === 413) return 'FILE_TOO_LARGE';
  return status >= 500 ? 'PEER_FAILED' : 'PEER_ANSWER_INVALID';
}
