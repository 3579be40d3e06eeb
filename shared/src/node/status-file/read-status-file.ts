import { open, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { FleetError } from '#common/errors/fleet-error.ts';
import {
  decodeStatusFile,
  MAX_STATUS_FILE_CHARACTERS,
  type DecodedStatusFile,
} from '#common/status-file/decode-status-file.ts';
import { readBounded } from '../read-bounded.ts';
import { decodeLease, leasePath, type Lease } from '#common/status-file/lease.ts';

const MAX_LEASE_BYTES = 1000;
const YOUNG_MS = 1000;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is not there',
  EISDIR: 'a folder has its name',
  EACCES: 'this program may not read it',
  EPERM: 'this program may not read it',
};

/** What a look at a file found: the same as at the last look, or what it says now. */
export type StatusFileLook =
  | { readonly kind: 'same' }
  | { readonly kind: 'read'; readonly mark: string | null; readonly content: DecodedStatusFile }
  | { readonly kind: 'failed'; readonly error: FleetError };

/**
 * Reads a status file unless its mark is the given one. Never rejects: STATUS_UNREADABLE when it cannot be read,
 * STATUS_FILE_INVALID when it is none. One open file is read to its end, so a rename in between tears nothing.
 */
export async function lookAtStatusFile(path: string, mark: string | null): Promise<StatusFileLook> {
  try {
    if (mark !== null && markOf(await stat(path, { bigint: true })) === mark) return { kind: 'same' };
    const handle = await open(path, 'r');
    try {
      // Taken before the bytes: what somebody adds in place after that has another mark, and is read again.
      const stats = await handle.stat({ bigint: true });
      const text = await readBounded(handle, MAX_STATUS_FILE_CHARACTERS);
      if (text === undefined) throw new FleetError('STATUS_FILE_INVALID', 'it is too large to be a status file');
      return { kind: 'read', mark: lastingMarkOf(stats), content: decodeStatusFile(text) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { kind: 'failed', error: readFailure(error, path) };
  }
}

/** The lease beside a status file; undefined when there is none. Never rejects. */
export async function readLease(statusFile: string): Promise<Lease | undefined> {
  try {
    const handle = await open(leasePath(statusFile), 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_LEASE_BYTES), 0, MAX_LEASE_BYTES, 0);
      return decodeLease(buffer.toString('utf8', 0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch {
    // Not there, or not for us: either way it says nothing of the monitor.
    return undefined;
  }
}

function readFailure(error: unknown, path: string): FleetError {
  if (error instanceof FleetError) return new FleetError(error.code, `${path}: ${error.message}`, { cause: error });
  const errno = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new FleetError('STATUS_UNREADABLE', `${path} cannot be read: ${REASONS[errno] ?? errno} (${errno})`, {
    cause: error,
  });
}

/**
 * Null for a file so young that the next one may have the same mark: clocks of file systems tick every few milliseconds,
 * and the inode of a replaced file is free for the one after the next. Such a file is read once more at the next look.
 */
function lastingMarkOf(stats: BigIntStats): string | null {
  return Math.abs(Date.now() - Number(stats.mtimeMs)) < YOUNG_MS ? null : markOf(stats);
}

function markOf({ ino, size, mtimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs].join(' ');
}
