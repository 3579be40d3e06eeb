import { byHostThenPort, formatHostPort } from '../address/server-address.ts';
import { isOnline, type FleetSnapshot, type ServerState } from '../health/fleet-snapshot.ts';

export const STATUS_FORMATS = ['aspnet', 'json', 'nginx'] as const;
export type StatusFormat = (typeof STATUS_FORMATS)[number];

/** How one status file is written. */
export interface StatusForm {
  readonly format: StatusFormat;
  /** Name of the block in the nginx form; default `imagefleet`. */
  readonly upstream?: string | undefined;
}

/** One server as a status file tells of it. */
export interface StatusServer {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly online: boolean;
  /** At the time of the generation; a state that leaves `online` as it is makes no new one. */
  readonly state: ServerState;
  /** Share of the keys, above 0. */
  readonly weight: number;
}

/** What all status files say of one generation; each form carries of it what it can. */
export interface StatusContent {
  readonly generation: number;
  /** Epoch milliseconds of the decision. */
  readonly at: number;
  /** Sorted by host, then port. */
  readonly servers: readonly StatusServer[];
}

/**
 * What files are to say of a snapshot. Where there is no verdict, it is what was `said` of the server last, under its
 * key; a server of which nothing was said is offline, for nobody has seen it answer.
 */
export function statusContent(snapshot: FleetSnapshot, said: (key: string) => boolean | undefined): StatusContent {
  const { generation, at } = snapshot;
  const servers = snapshot.servers
    .map(({ host, port, state, weight }) => {
      const online = isOnline(state) ?? said(formatHostPort({ host, port })) ?? false;
      return { host, port, online, state, weight };
    })
    .sort(byHostThenPort);
  return { generation, at, servers };
}

/** Whether both tell applications the same: the same servers, as much of them online, with the same weights. */
export function hasSameAvailability(a: StatusContent, b: StatusContent): boolean {
  return (
    a.servers.length === b.servers.length &&
    a.servers.every((server, index) => {
      const other = b.servers[index];
      return (
        other !== undefined &&
        server.host === other.host &&
        server.port === other.port &&
        server.online === other.online &&
        server.weight === other.weight
      );
    })
  );
}
