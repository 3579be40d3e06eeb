import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { HealthTransition } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import type { HistoryAnswer, HistoryQuery } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { HistoryRange } from '../monitor-view.ts';

const DEFAULT_RANGE_MS = 86_400_000;

/** A query with its defaults filled in; INPUT_INVALID when it ends before it begins. */
export function rangeOf({ from, to, last, points }: HistoryQuery, now: number): HistoryRange {
  const end = to ?? now;
  if (from !== undefined && last !== undefined)
    throw new FleetError('INPUT_INVALID', 'the range has two begins: give from or last, not both');
  const begin = from ?? Math.max(0, end - (last === undefined ? DEFAULT_RANGE_MS : last * 1000));
  if (begin >= end) throw new FleetError('INPUT_INVALID', 'the range ends before it begins: from must be less than to');
  return { from: begin, to: end, points };
}

/**
 * What a monitor remembers of its servers. An observer and `changed` only note something and return at once, whatever the
 * disk does; what is behind them never fails a probe, and never changes a verdict.
 */
export interface HealthHistory {
  start(): Promise<void>;
  /** Hears of every probe of one server, at an instant in epoch milliseconds. */
  observer(server: string): (observation: Observation, at: number) => void;
  changed(transition: HealthTransition): void;
  /** Everything up to now. A server that is not known has been unknown all the time. Fails with HISTORY_UNAVAILABLE. */
  read(server: string, query: HistoryRange): Promise<HistoryAnswer>;
  /** Writes what is still in memory, within a limit. */
  stop(): Promise<void>;
}
