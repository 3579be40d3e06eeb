import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImageStore } from './image-store.ts';

/** With less than this free, a sync that failed has failed for want of room: the pages of one commit need about as much. */
const FULL_BYTES = 1024 * 1024;

export interface FailedCommit {
  /** The write may come to light all the same, at the next start. */
  readonly mayBeDone: boolean;
  /** What the caller is to hear. */
  readonly error: unknown;
}

/**
 * What a write means that the catalog refused with `error`. When the sync of its log failed, the log may hold the whole
 * transaction. Staged bytes that it names must stay until the next start, which throws away what no record names. Of a
 * disk that was full when the log was written the catalog knows: the end of the transaction had no room
 * (docs/adr/0008-no-place-is-synced-twice.md). Of one that was full only when the log was synced SQLite hides the cause;
 * the free space shows it then, and the caller hears DISK_FULL. Never rejects.
 */
export async function judgeFailedCommit(error: unknown, store: Pick<ImageStore, 'space'>): Promise<FailedCommit> {
  const mayBeDone = !(error instanceof FleetError && error.code === 'DISK_FULL');
  if (!(error instanceof FleetError && error.code === 'IO_FAILED')) return { mayBeDone, error };
  const space = await store.space(0).catch(() => undefined);
  if (space === undefined || space.freeBytes >= FULL_BYTES) return { mayBeDone, error };
  const full = new FleetError('DISK_FULL', 'the disk is full: could not sync the catalog', { cause: error });
  return { mayBeDone, error: full };
}
