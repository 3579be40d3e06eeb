import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { hasFields } from '@imagefleet/shared/common/errors/foreign-value.ts';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';

/** As large as what the disk takes in one write without more of them being faster. */
const PIECE_LENGTH = 64 * 1024;

/**
 * Writes lines, each with its end, into a file that somebody asked for; answers how many. The file is there whole or, after a
 * failure or an abort, as it was before. Errors: DISK_FULL, IO_FAILED, and what `lines` fails with.
 */
export async function writeExport(
  file: string,
  lines: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
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
    await writeFileAtomically(file, pieces());
    return count;
  } catch (error) {
    throw exportError(error, file);
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
