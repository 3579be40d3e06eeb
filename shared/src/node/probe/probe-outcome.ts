import type { ErrorCode } from '#common/errors/error-codes.ts';
import type { Observation } from '#common/health/observation.ts';

/** The host itself, or something that speaks for it, sent these back: it lives, and the network between us works. */
const REFUSALS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE']);

/** What this machine ran out of, or forbids itself; no packet of ours asked anybody. */
const OWN_FAILURES: ReadonlySet<string> = new Set([
  ...['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EADDRINUSE'],
  ...['EACCES', 'EPERM', 'ENETDOWN', 'EAFNOSUPPORT', 'EINVAL'],
]);

/**
 * What a connection that did not come about says. `isSent` is false when the system refused the call at once, before
 * anything left this machine: then the cause lies here, whatever its code (ENETUNREACH: no route of our own; EHOSTUNREACH: a
 * route that says so). The same two codes that come later are from a router, or from the ARP of the own network segment
 * that nobody answered: something between us says that it cannot reach the host. The host may be dead or the path cut,
 * which is exactly what silence means, so other agents are asked.
 */
export function judgeConnectError(errno: string, isSent: boolean, at: string): Observation {
  if (!isSent || OWN_FAILURES.has(errno)) return notMade(at, errno);
  if (REFUSALS.has(errno)) return failure('PROBE_REFUSED', `${at} refused the connection (${errno})`);
  if (errno === 'ETIMEDOUT') return silence('PROBE_TIMEOUT', `${at} did not answer (${errno})`);
  return silence('PROBE_UNREACHABLE', `the network says that ${at} cannot be reached (${errno})`);
}

/** What it says when a connection that was taken breaks before the answer was read: `errno` as Node names it. */
export function judgeBrokenAnswer(errno: string, at: string): Observation {
  if (OWN_FAILURES.has(errno)) return notMade(at, errno);
  if (isCertificateProblem(errno))
    return failure('PROBE_CERTIFICATE', `the certificate of ${at} is refused (${errno})`);
  if (/^(HPE_|ERR_SSL_|EPROTO$)/.test(errno)) {
    return failure('PROBE_ANSWER_INVALID', `${at} answered with something else than expected (${errno})`);
  }
  return failure('PROBE_REFUSED', `${at} took the connection and broke it (${errno})`);
}

/** Codes of OpenSSL's certificate check, and Node's own for the name in it (documented in node:tls). */
function isCertificateProblem(errno: string): boolean {
  return (
    /^ERR_TLS_|CERT|CRL|_CA$|_CHAIN|VERIFY|PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH/.test(errno) &&
    !errno.startsWith('ERR_SSL_')
  );
}

export function notMade(at: string, reason: string): Observation {
  return ownFailure('PROBE_NOT_MADE', `${at} could not be probed from here (${reason})`);
}

export function success(latencyMs: number): Observation {
  return { kind: 'success', latencyMs };
}

export function failure(code: ErrorCode, message: string): Observation {
  return { kind: 'failure', cause: { code, message } };
}

export function silence(code: ErrorCode, message: string): Observation {
  return { kind: 'silence', cause: { code, message } };
}

export function ownFailure(code: ErrorCode, message: string): Observation {
  return { kind: 'ownFailure', cause: { code, message } };
}

/** The code of an error of Node's, or its message where it has none. */
export function errnoOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
