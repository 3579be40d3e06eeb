import { isAxiosError } from 'axios';
import { withoutUserInfo } from '#common/address/without-user-info.ts';
import { FleetError } from '#common/errors/fleet-error.ts';
import { hasFields } from '#common/errors/foreign-value.ts';

const TIMEOUT_CODES: ReadonlySet<string> = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ESOCKETTIMEDOUT']);

/** What a connection that failed means for the caller: PEER_TIMEOUT or PEER_UNREACHABLE, naming the server. */
export function errorOfTransport(error: unknown, address: string): FleetError {
  const server = withoutUserInfo(address);
  if (error instanceof FleetError) return error;
  const code = codeOf(error);
  if (code !== undefined && TIMEOUT_CODES.has(code)) {
    return new FleetError('PEER_TIMEOUT', `${server} did not answer in time`, { cause: error });
  }
  if (isAxiosError(error) && (code === 'ERR_INVALID_URL' || code === 'ERR_BAD_OPTION_VALUE')) {
    return new FleetError('INPUT_INVALID', `${server} is not an address`, {
      cause: error,
      hint: 'Write it as http://host:port.',
    });
  }
  return new FleetError('PEER_UNREACHABLE', `no connection to ${server} (${code ?? messageOf(error)})`, {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  if (hasFields(error) && typeof error.code === 'string') return error.code;
  return hasFields(error) && error.cause !== undefined ? codeOf(error.cause) : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
