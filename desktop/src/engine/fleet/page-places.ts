import { createHash } from 'node:crypto';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { serverKey } from '#engine/target/preferred-order.ts';

const MARK_LENGTH = 10;
const MARKED = new RegExp(`^([\\w-]{${String(MARK_LENGTH)}})\\.(.*)$`, 's');

/** Where a list goes on, and who gave that out. */
export interface PagePlace {
  /** As that server gave it out. */
  readonly cursor: string;
  /** Undefined when that server is none of ours any more. */
  readonly server: string | undefined;
}

/** A server's cursor with a mark of the server, so that none is shown to another one unseen. */
export function markPlace(server: string, cursor: string): string {
  return `${markOf(server)}.${cursor}`;
}

/** The opposite. Throws INPUT_INVALID for what was not marked here. */
export function readPlace(marked: string, servers: readonly string[]): PagePlace {
  const [, mark, cursor] = MARKED.exec(marked) ?? [];
  if (cursor === undefined) throw new FleetError('INPUT_INVALID', 'cursor: is not one that was given out here.');
  return { cursor, server: servers.find((server) => markOf(server) === mark) };
}

function markOf(server: string): string {
  return createHash('sha256')
    .update(serverKey(server) ?? server)
    .digest('base64url')
    .slice(0, MARK_LENGTH);
}
