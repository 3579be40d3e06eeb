import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Longer is no wait that anybody watches; the server's own limit is far below it. */
const MAX_SECONDS = 24 * 3600;
const DEFAULT_SECONDS = 60;

/** RATE_LIMITED of a login: how long this address has to wait. */
export class TooManyLogins extends FleetError {
  readonly waitSeconds: number;

  constructor(waitSeconds: number) {
    super('RATE_LIMITED', 'There were too many failed logins.');
    this.waitSeconds = waitSeconds;
  }
}

/** Seconds of a Retry-After (RFC 9110, 10.2.3); the server sends no dates. Without one a minute, the usual wait. */
export function retryAfterSeconds(header: unknown): number {
  const seconds = typeof header === 'string' && /^\d+$/.test(header) ? Number(header) : DEFAULT_SECONDS;
  return Math.min(seconds, MAX_SECONDS);
}
