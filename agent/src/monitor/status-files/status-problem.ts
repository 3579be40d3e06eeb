import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { diskError, errnoOf } from '#store/disk/disk-error.ts';

/** Why a status file or its lease does not say what it should. */
export interface StatusFileProblem {
  /** The file itself, or its lease. */
  readonly path: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** Epoch milliseconds; since then it has had this cause. */
  readonly since: number;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is missing',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'a folder has its name',
  EACCES: 'the monitor may not write there',
  EPERM: 'the monitor may not write there',
  EBUSY: 'another program has it open',
  EROFS: 'its file system is read-only',
};

/** Translates a failed write: DISK_FULL, or STATUS_UNWRITABLE with the reason in words; a FleetError stays as it is. */
export function writeFailure(error: unknown, path: string): FleetError {
  const failure = diskError(error, `write ${path}`);
  if (failure.code !== 'IO_FAILED') return failure;
  const errno = errnoOf(error) ?? String(error);
  return new FleetError('STATUS_UNWRITABLE', `${path} cannot be written: ${REASONS[errno] ?? errno} (${errno})`, {
    cause: error,
  });
}

/** For a disk that neither does what it is asked nor fails, as network disks may. */
export function hungDisk(path: string): FleetError {
  return new FleetError('STATUS_UNWRITABLE', `${path} cannot be written: its disk does not answer`);
}
