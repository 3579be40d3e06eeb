import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
export const SQLITE_CORRUPT = 11;
export const SQLITE_NOTADB = 26;

/** The primary result code of a failure of SQLite; undefined of any other. */
export function resultCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  // The upper bytes hold the extended code.
  return error.errcode & 0xff;
}

/** Whether the disk failed a transaction, so that what it wrote may lie anywhere between the disk and memory. */
export function isDiskFailure(error: unknown): boolean {
  const code = resultCodeOf(error);
  return code === SQLITE_IOERR || code === SQLITE_FULL;
}

/** Translates a failure of SQLite; the sentence names the file. Errors that are no SQLite error are defects: INTERNAL. */
export function sqliteError(error: unknown, file: string): FleetError {
  if (error instanceof FleetError) return error;
  switch (resultCodeOf(error)) {
    case undefined:
      return new FleetError('INTERNAL', `the catalog failed: ${String(error)}`, { cause: error });
    case SQLITE_FULL:
      return new FleetError('DISK_FULL', `the disk is full: could not write ${file}`, { cause: error });
    case SQLITE_NOTADB:
      return new FleetError('CFG_INVALID', `${file} is not a catalog: it is no SQLite database`, {
        cause: error,
        hint: 'Another file lies where the catalog should be. Move it away, or correct dataDir.',
      });
    case SQLITE_CORRUPT:
      return new FleetError('IO_FAILED', `the catalog ${file} is damaged`, {
        cause: error,
        hint: 'Stop the agent, check the disk, and put a backup of the file back, or move it away and adopt the images.',
      });
    default:
      return new FleetError('IO_FAILED', `the catalog ${file} failed: ${String(error)}`, { cause: error });
  }
}
