import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';

/** Servers that failed together, or our own network. Texts are made where people read them. */
export interface FleetIncident {
  /** Ours: agents have ids of their own, each another one for the same incident. */
  readonly id: string;
  readonly kind: 'servers' | 'ownNetwork';
  /** By name, or as `host:port` while no agent has told it; none for the own network. In the order in which they failed. */
  readonly servers: readonly string[];
  /** Why; null when nobody has told. */
  readonly code: ErrorCode | null;
  /** When it began, the first time if it began again. Epoch milliseconds of this machine, as all instants here. */
  readonly openedAt: number;
  /** When it began the last time. */
  readonly since: number;
  /** Since when all is well again; null while it lasts. Known at once, however long `over` waits for it to stay so. */
  readonly backAt: number | null;
  /** The same as `backAt` once it is over; null while it may go on without another word. */
  readonly until: number | null;
  /** From `since` to `backAt`; null while it lasts. */
  readonly lastedMs: number | null;
  /** How often it began again shortly after it was over: then it is opened again, under the same id. */
  readonly reopened: number;
}

/** `opened` and `over` are told once each, and in this order; `over` of one that came again waits to see whether it comes once more. */
export interface IncidentNews {
  readonly what: 'opened' | 'over';
  readonly incident: FleetIncident;
}

/**
 * What works again: this computer's own network, the events of an agent after none were heard, or a server that was down. One
 * recovery may be told several times, once for each of these.
 */
export type FleetBack = 'ownNetwork' | 'feed' | 'server';
