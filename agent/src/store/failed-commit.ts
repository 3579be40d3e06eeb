import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/**
 * Whether a write that the catalog refused with `error` may come to light all the same, at the next start: when the sync of
 * its log failed, the log may hold the whole transaction. Staged bytes that it names must stay until then; the start
 * throws away what no record names. Of a disk that was full the catalog knows: the end of the transaction had no room.
 * See docs/adr/0008-no-place-is-synced-twice.md.
 */
export function mayBeCommitted(error: unknown): boolean {
  return !(error instanceof FleetError && error.code === 'DISK_FULL');
}
