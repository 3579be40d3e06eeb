import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import { decodeStatusFile, type DecodedStatusFile } from '@imagefleet/shared/common/status-file/decode-status-file.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { decodeLease, leasePath, type Lease } from '@imagefleet/shared/common/status-file/lease.ts';
import { type StatusForm } from '@imagefleet/shared/common/status-file/status-content.ts';
import type { StatusDisk } from './status-disk.ts';

/** One status file of the configuration. */
export interface StatusFileSetting extends StatusForm {
  /** Absolute. */
  readonly path: string;
}

/** What was found at a path when the monitor started. */
export interface FileLook {
  readonly text: string | undefined;
  /** Undefined when the text is no status file. */
  readonly decoded: DecodedStatusFile | undefined;
  readonly lease: Lease | undefined;
}

/** What the status files said before this monitor decided anything. */
export interface HeldStatus {
  /** By `formatHostPort`: whether web applications send requests there now. */
  readonly online: ReadonlyMap<string, boolean>;
  /** The highest that any file or lease has; 0 when there is none. */
  readonly generation: number;
  /** Shares of the keys, from the files that have them. */
  readonly weights: ReadonlyMap<string, number>;
}

export const NOTHING_FOUND: FileLook = { text: undefined, decoded: undefined, lease: undefined };

/** Beyond it a file was not counted up by a monitor, and going on from there would soon leave the whole numbers. */
const HIGHEST_GENERATION = 2 ** 50;

/** A disk that has not answered by then hangs; the monitor starts without it. */
export const LOOK_LIMIT_MS = 2000;

export async function lookAt({ path }: StatusFileSetting, disk: StatusDisk): Promise<FileLook> {
  const text = await readOrNothing(path, disk);
  const lease = await readOrNothing(leasePath(path), disk);
  return {
    text,
    decoded: text === undefined ? undefined : decodeOrNothing(text),
    lease: lease === undefined ? undefined : decodeLease(lease),
  };
}

/**
 * Of files that contradict each other the one of the highest generation holds the last decision. Between equals online
 * wins: a start must not take a server away from a web application that uses it.
 */
export function mergeLooks(looks: readonly FileLook[]): HeldStatus {
  const found = new Map<string, { readonly generation: number; readonly online: boolean }>();
  let highest = 0;
  for (const { decoded, lease } of looks) {
    const generations = [decoded?.generation ?? 0, lease?.generation ?? 0];
    highest = Math.max(highest, ...generations.filter((generation) => generation <= HIGHEST_GENERATION));
    const generation = decoded?.generation ?? -1;
    for (const server of decoded?.servers ?? []) {
      const key = formatHostPort(server);
      const other = found.get(key);
      if (other !== undefined && other.generation > generation) continue;
      const online = server.online || (other?.generation === generation && other.online);
      found.set(key, { generation, online });
    }
  }
  const weighted = looks.flatMap(({ decoded }) => (decoded?.format === 'aspnet' ? [] : (decoded?.servers ?? [])));
  return {
    online: new Map([...found].map(([key, { online }]) => [key, online])),
    generation: highest,
    weights: new Map(weighted.map((server) => [formatHostPort(server), server.weight])),
  };
}

async function readOrNothing(path: string, disk: StatusDisk): Promise<string | undefined> {
  // Whatever keeps it from being read says nothing of any server; that it cannot be written will be said.
  return disk.read(path).catch(() => undefined);
}

function decodeOrNothing(text: string): DecodedStatusFile | undefined {
  try {
    return decodeStatusFile(text);
  } catch (error) {
    if (error instanceof FleetError) return undefined;
    throw error;
  }
}
