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
  /** Epoch milliseconds of this machine. */
  readonly since: number;
  /** Null while it lasts. */
  readonly until: number | null;
  /** How long it took; null while it lasts. */
  readonly lastedMs: number | null;
  /** How often it began again shortly after it was over: then it is opened again, under the same id. */
  readonly reopened: number;
}

/** `opened` and `over` are told once each, and in this order. */
export interface IncidentNews {
  readonly what: 'opened' | 'over';
  readonly incident: FleetIncident;
}
