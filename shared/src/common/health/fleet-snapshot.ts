import type { ProbeCause } from './observation.ts';

export const SERVER_STATES = ['unknown', 'up', 'warming', 'down', 'maintenance'] as const;
export type ServerState = (typeof SERVER_STATES)[number];

/** One watched server as everybody but the health machine sees it. */
export interface WatchedServer {
  /** Unique among the watched servers; an agent's name, or `host:port`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly state: ServerState;
  /** Share of the keys in `rendezvous`, 1 by default; above 0. */
  readonly weight: number;
}

/**
 * The verdict over all watched servers at one instant. Every status file is a pure encoding of one of these. Servers are
 * sorted by host (ordinal), then port, so that equal verdicts are equal bytes whatever order the configuration has.
 */
export interface FleetSnapshot {
  /** Grows by one with every change of availability; persisted, so that it also grows over restarts. */
  readonly generation: number;
  /** Epoch milliseconds of the decision. */
  readonly at: number;
  readonly servers: readonly WatchedServer[];
}

/** A change of one server's state. */
export interface HealthTransition {
  readonly server: string;
  readonly from: ServerState;
  readonly to: ServerState;
  /** Epoch milliseconds, for people; every duration is taken from the monotonic clock. */
  readonly at: number;
  /** Milliseconds that `from` lasted, monotonic. */
  readonly lastedMs: number;
  readonly cause: ProbeCause | null;
  /** False: down on silence alone, with no witness and no other proof that the own network works. */
  readonly isConfirmed: boolean;
}

/** Whether web traffic should go there; null: no verdict, so whatever was said last stays. */
export function isOnline(state: ServerState): boolean | null {
  if (state === 'unknown') return null;
  return state === 'up';
}
