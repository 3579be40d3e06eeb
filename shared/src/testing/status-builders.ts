import type { FleetSnapshot, ServerState, WatchedServer } from '#common/health/fleet-snapshot.ts';
import { statusContent, type StatusContent } from '#common/status-file/status-content.ts';

/** `host:port`, state and weight of one watched server. */
export type ServerOfTest = readonly [address: string, state?: ServerState, weight?: number];

/** 2026-03-09T01:02:03.004Z */
export const DECIDED_AT = Date.UTC(2026, 2, 9, 1, 2, 3, 4);

/** A snapshot of generation 42, or another one. States are up and weights 1 where nothing else is said. */
export function snapshotOf(servers: readonly ServerOfTest[], generation = 42): FleetSnapshot {
  return { generation, at: DECIDED_AT, servers: servers.map(watchedServer) };
}

/** What files say of such a snapshot when they said nothing before. */
export function contentOf(servers: readonly ServerOfTest[], generation = 42): StatusContent {
  return statusContent(snapshotOf(servers, generation), () => undefined);
}

function watchedServer([name, state = 'up', weight = 1]: ServerOfTest): WatchedServer {
  const colon = name.lastIndexOf(':');
  const host = name.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { name, host, port: Number(name.slice(colon + 1)), state, weight };
}
