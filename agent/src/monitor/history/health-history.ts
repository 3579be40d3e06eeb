import type { HealthTransition } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';

/** A range of time in epoch milliseconds, and how many latency points are wanted at most. */
export interface HistoryRangeQuery {
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

/**
 * What a monitor remembers of its servers. `observed` and `changed` only note something and return at once, whatever the
 * disk does; what is behind them never fails a probe, and never changes a verdict.
 */
export interface HealthHistory {
  start(): Promise<void>;
  /** A probe of a server ended, at an instant in epoch milliseconds. */
  observed(server: string, observation: Observation, at: number): void;
  changed(transition: HealthTransition): void;
  /** Everything up to now. A server that is not known has been unknown all the time. Fails with HISTORY_UNAVAILABLE. */
  read(server: string, query: HistoryRangeQuery): Promise<HistoryAnswer>;
  /** Writes what is still in memory, within a limit. */
  stop(): Promise<void>;
}
