import { lstat, realpath, stat } from 'node:fs/promises';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { hasFields } from '@imagefleet/shared/common/errors/foreign-value.ts';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';

export interface ExportOptions {
  /** Of a file that is new, octal, default DEFAULT_MODE; one that is there keeps its own, and its owner. */
  readonly mode?: number;
}

/** As large as what the disk takes in one write without more of them being faster. */
const PIECE_LENGTH = 64 * 1024;
/** What people make themselves has the same, but for what their umask takes. */
const DEFAULT_MODE = 0o644;

/**
 * Writes lines, each with its end, into a file that somebody asked for; answers how many. The file is there whole or, after a
 * failure or an abort, as it was before. A link stays, and what it leads to is written. Errors: INPUT_INVALID for what is
 * there and no file, DISK_FULL, IO_FAILED, and what `lines` fails with.
 */
export async function writeExport(
  file: string,
  lines: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
  { mode = DEFAULT_MODE }: ExportOptions = {},
): Promise<number> {
  let count = 0;
  const pieces = async function* (): AsyncGenerator<string> {
    let piece = '';
    for await (const page of lines) {
      count += page.length;
      piece += page.join('');
      if (piece.length < PIECE_LENGTH) continue;
      yield piece;
      piece = '';
    }
    yield piece;
  };
  try {
    await writeFileAtomically(await placeOf(file), pieces(), { mode, keepsAccess: true });
    return count;
  } catch (error) {
    throw exportError(error, file);
  }
}

/**
 * Where the bytes belong. A rename puts a file in the place of whatever is there, so a link, a device or a pipe would be gone
 * for every other program.
 */
async function placeOf(file: string): Promise<string> {
  const place = await unlessMissing(stat(file));
  // Only now is the way known to be there: the names of pipes below /proc lead nowhere when they are read as paths.
  if (place?.isFile() === true) return realpath(file);
  if (place === undefined && (await unlessMissing(lstat(file))) === undefined) return file;
  const what = place === undefined ? 'is a link to nothing' : 'is there and is no file';
  throw new FleetError('INPUT_INVALID', `${file} ${what}`, { hint: 'Name a file, or one that is not there yet.' });
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (hasFields(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Only what the system said is translated: the lines may fail as well, and have said so themselves. */
function exportError(error: unknown, file: string): unknown {
  if (!hasFields(error) || typeof error.code !== 'string' || typeof error.syscall !== 'string') return error;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new FleetError('DISK_FULL', `the disk is full: could not write ${file}`, {
      cause: error,
      hint: 'Free space on that disk, or choose another folder.',
    });
  }
  return new FleetError('IO_FAILED', `could not write ${file} (${error.code})`, {
    cause: error,
    hint: 'Choose a folder that is there and in which you may write.',
  });
}
