import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** What `node:fs` reports of a failed call, such as `ENOSPC`; undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Translates a failure of the file system: no space and no quota to DISK_FULL, everything else to IO_FAILED. `action`
 * says in a sentence fragment what was tried, with the name of the file or folder.
 */
export function diskError(error: unknown, action: string): FleetError {
  if (error instanceof FleetError) return error;
  const errno = errnoOf(error);
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new FleetError('DISK_FULL', `the disk is full: could not ${action}`, { cause: error });
  }
  return new FleetError('IO_FAILED', `could not ${action}: ${errno ?? String(error)}`, { cause: error });
}
