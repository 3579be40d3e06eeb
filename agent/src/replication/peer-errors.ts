import { isErrorCode, type ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { hasFields } from '@imagefleet/shared/common/errors/foreign-value.ts';

const TIMEOUTS: ReadonlySet<string> = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ESOCKETTIMEDOUT']);
/** Something listens there, but it is not our peer: no HTTP, no TLS of ours, an answer without end. */
const FOREIGN = /^(?:HPE_|ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|ERR_BAD_RESPONSE$|Z_)/;

/** Translates what the HTTP client throws: PEER_TIMEOUT, PEER_ANSWER_INVALID or PEER_UNREACHABLE. */
export function connectionError(error: unknown, peer: { readonly name: string; readonly url: string }): FleetError {
  const own = fleetErrorIn(error);
  if (own !== undefined) return own;
  const code = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
  if (TIMEOUTS.has(code)) {
    return new FleetError('PEER_TIMEOUT', `${peer.name} did not answer in time`, { cause: error });
  }
  if (FOREIGN.test(code) && !isCutShort(error)) {
    return new FleetError('PEER_ANSWER_INVALID', `what answers at ${peer.url} is not ${peer.name} (${code})`, {
      cause: error,
    });
  }
  return new FleetError('PEER_UNREACHABLE', `no connection to ${peer.name} at ${peer.url} (${code})`, { cause: error });
}

/** The refusal in a signed answer, in the words of the one who asked: the peer's full disk is not ours. */
export function refusalError(body: unknown, peer: { readonly name: string }): FleetError {
  const error = hasFields(body) && hasFields(body.error) ? body.error : {};
  const code = isErrorCode(error.code) ? error.code : 'PEER_FAILED';
  const message = typeof error.message === 'string' ? error.message : 'no reason given';
  return new FleetError(
    peerCodeOf(code),
    `${peer.name}: ${message}`,
    typeof error.hint === 'string' && !isPeers(code) ? { hint: error.hint } : {},
  );
}

/** Codes whose sentence speaks of "this server" -> those that speak of a peer. */
export function peerCodeOf(code: ErrorCode): ErrorCode {
  if (code === 'DISK_FULL') return 'PEER_DISK_FULL';
  return isPeers(code) ? 'PEER_FAILED' : code;
}

/** The refusal in an unsigned answer, when it is one that a peer cannot sign: it knows no key for it, or has not looked yet. */
export function unsignedRefusal(
  status: number,
  body: unknown,
  peer: { readonly name: string },
): FleetError | undefined {
  const code = hasFields(body) && hasFields(body.error) ? body.error.code : undefined;
  if (status === 401 && code === 'PEER_KEY_WRONG') {
    return new FleetError(code, `${peer.name} does not accept the key`);
  }
  if (status === 503 && code === 'PEER_BUSY') return new FleetError(code, `${peer.name} has too many requests`);
  return undefined;
}

function isPeers(code: ErrorCode): boolean {
  return code === 'IO_FAILED' || code === 'INTERNAL' || code === 'DISK_FULL';
}

/** Reading our own file failed while it was sent: the client wraps that, too. */
function fleetErrorIn(error: unknown): FleetError | undefined {
  if (error instanceof FleetError) return error;
  return hasFields(error) && error.cause !== undefined ? fleetErrorIn(error.cause) : undefined;
}

/** The HTTP client has one code for an answer that is too long and for one that broke off; it hands over the head of the latter. */
function isCutShort(error: unknown): boolean {
  return hasFields(error) && error.code === 'ERR_BAD_RESPONSE' && error.response !== undefined;
}

/** The innermost code: the HTTP client wraps the system's error in its own. */
function codeOf(error: unknown): string | undefined {
  if (!hasFields(error)) return undefined;
  const inner = codeOf(error.cause);
  if (inner !== undefined) return inner;
  return typeof error.code === 'string' ? error.code : undefined;
}
