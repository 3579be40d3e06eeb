import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { clockOf, formatVersion, isVersion, type Version } from '@imagefleet/shared/common/image/version.ts';

/** For bytes of which no record says what version they are. */
const UNKNOWN = 'unknown-';

/** What became of a bounded part of the trash. */
export interface EmptiedPart {
  readonly deleted: number;
  /** Files that were due and could not be deleted, one IO_FAILED for each; the next emptying tries them again. */
  readonly failures: readonly FleetError[];
}

/** Where the bytes of overwritten images stay for a while (`ImageStore.keepOld` puts them there). */
export interface Trash {
  /**
   * Deletes what was kept before this instant (epoch milliseconds), a bounded part each time a value is taken. One file
   * that cannot be deleted keeps no other from it. Throws IO_FAILED when the trash itself cannot be read. Touches nothing
   * that has no trash name, or is no plain file.
   */
  empty(keptBefore: number): AsyncIterable<EmptiedPart>;
}

/**
 * The name for bytes that lie at a path without a record, by a version that belongs to this path alone. Bytes that have
 * a record are kept under its version. Both are unique, so nothing in the trash is ever replaced.
 */
export function unknownTrashName(version: Version): string {
  return UNKNOWN + version;
}

/** The same where no version belongs to the path: a name that nobody has used, from `unique`. */
export function freshTrashName(nowMs: number, unique: string): string {
  return unknownTrashName(formatVersion({ wallMs: nowMs, counter: 0 }, unique.replace(/[^0-9a-z]/g, '')));
}

/** The instant in a trash name: its bytes were not kept before it. Undefined for any other name. */
export function instantOfTrashName(name: string): number | undefined {
  const version = name.startsWith(UNKNOWN) ? name.slice(UNKNOWN.length) : name;
  return isVersion(version) ? clockOf(version).wallMs : undefined;
}
