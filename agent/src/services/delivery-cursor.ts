import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Where each source's list goes on: absent = at its beginning, null = it is at its end. */
export type FleetPlaces = Record<string, string | null>;

const fleetPlaces = z.record(z.string(), z.string().max(20).nullable());

/** A page's cursor in a server's own list: the id of the last row seen. Throws INPUT_INVALID. */
export function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,15}$/.test(cursor)) throw invalid();
  return Number(cursor);
}

/** A page's cursor in the fleet's list. Throws INPUT_INVALID. */
export function parseFleetCursor(cursor: string | undefined): FleetPlaces {
  if (cursor === undefined) return {};
  try {
    return fleetPlaces.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw invalid(cause);
  }
}

export function formatFleetCursor(places: FleetPlaces): string {
  return Buffer.from(JSON.stringify(places)).toString('base64url');
}

function invalid(cause?: unknown): FleetError {
  return new FleetError('INPUT_INVALID', 'cursor: is not one that this server gave out.', { cause });
}
