import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** Says of a file that was read to its end that SQLite finds it damaged. */
export class DamagedQueueError extends Error {
  override readonly name = 'DamagedQueueError';
}

/**
 * Whether a failure while a queue is opened says that the file itself is of no use any more. A plain error counts as well:
 * our statements are right, so the tables that they name are not there.
 */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedQueueError) return true;
  const code = resultCodeOf(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB || code === SQLITE_ERROR;
}

/** Translates a failure of SQLite: DISK_FULL, PATH_BUSY, IO_FAILED; what is none of SQLite's is a defect: INTERNAL. */
export function queueError(error: unknown, file: string): FleetError {
  if (error instanceof FleetError) return error;
  switch (resultCodeOf(error)) {
    case undefined:
      return new FleetError('INTERNAL', `the upload queue failed: ${String(error)}`, { cause: error });
    case SQLITE_FULL:
      return new FleetError('DISK_FULL', `the disk is full: could not write ${file}`, { cause: error });
    case SQLITE_BUSY:
      return new FleetError('PATH_BUSY', `another program works on the upload queue ${file}`, {
        cause: error,
        hint: 'Imagefleet runs already for this user. Use that window, or end it first.',
      });
    default:
      return new FleetError('IO_FAILED', `the upload queue ${file} failed: ${String(error)}`, {
        cause: error,
        hint: 'Look at the disk of this computer, then start again: a queue that is damaged is set aside.',
      });
  }
}

function resultCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  // The upper bytes hold the extended code.
  return error.errcode & 0xff;
}
