import type { ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { LatencyStats } from './latency-stats.ts';

/** Facts of a transition beside the state that it leads to. */
export interface TransitionFacts {
  readonly from: ServerState;
  readonly lastedMs: number;
  readonly cause: ProbeCause | null;
  readonly isConfirmed: boolean;
}

/**
 * What happened, in its order. Instants are epoch milliseconds of the history's own clock: they never go back within a
 * run, and one begins wherever the clock of the machine jumped.
 */
export type HistoryEntry =
  /**
   * A monitor lives from here on, and no server is known yet. What was recorded for this instant and later is forgotten:
   * the clock has gone back, and it is lived through again.
   */
  | { readonly kind: 'run'; readonly at: number; readonly isSettled: boolean }
  /** `facts` is null where a state only goes on in a new run. */
  | {
      readonly kind: 'change';
      readonly server: string;
      readonly at: number;
      readonly state: ServerState;
      readonly facts: TransitionFacts | null;
    }
  /** The monitor was alive until here. */
  | { readonly kind: 'until'; readonly at: number };

/** Probes of one server in one minute; of a minute that was handed over before, what came since. */
export interface MinuteOfServer {
  readonly server: string;
  /** Begin of the minute. */
  readonly at: number;
  readonly stats: LatencyStats;
  /** Single probes as `encodeSamples` writes them; null of a server whose single probes are not kept. */
  readonly samples: Uint8Array<ArrayBuffer> | null;
}

export interface HistoryBatch {
  readonly entries: readonly HistoryEntry[];
  readonly minutes: readonly MinuteOfServer[];
  readonly incidents: readonly StoredIncident[];
  /** How many servers are watched: the more, the shorter the history of each. */
  readonly servers: number;
  /** Set when what is too old may go: the end of the history. Never set by a clock that has just jumped. */
  readonly pruneAt: number | null;
}

/**
 * What became of a batch. `recorded`: all of it is kept. `noRun`: there is no run that its entries could belong to, so
 * the caller begins one. `clockBehind`: the run begins more than a day before what is recorded; nothing of it is kept
 * until its clock is known to be right.
 */
export type HistoryOutcome = 'recorded' | 'noRun' | 'clockBehind';

export interface HistoryRange {
  readonly server: string;
  readonly from: number;
  readonly to: number;
  /** Latency points at most. */
  readonly points: number;
}

/**
 * Keeps the history; every call may be slow, and none is ever waited for by a probe. Fails with HISTORY_UNAVAILABLE,
 * and then nothing of the batch is kept.
 */
export interface HistoryStore {
  write(batch: HistoryBatch): Promise<HistoryOutcome>;
  read(range: HistoryRange): Promise<HistoryAnswer>;
  /** Open ones, and those that ended at or after `closedSince`; at most `limit`, the newest last. */
  incidents(closedSince: number, limit: number): Promise<readonly StoredIncident[]>;
}
