import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Uptime } from '@imagefleet/shared/common/operator/history-schemas.ts';

/** From and to in epoch milliseconds; `to` is not part of it. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A stretch of time in one state. */
export interface Span extends Range {
  readonly state: ServerState;
}

/** How long a server was in the states that are known, in whole milliseconds. */
export interface KnownTimes {
  readonly upMs: number;
  readonly downMs: number;
  readonly warmingMs: number;
  readonly maintenanceMs: number;
}

export const NOTHING_KNOWN: KnownTimes = { upMs: 0, downMs: 0, warmingMs: 0, maintenanceMs: 0 };

export function overlapMs(a: Range, b: Range): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}

/** What spans that do not overlap say of a range. */
export function timesWithin(spans: readonly Span[], range: Range): KnownTimes {
  const total = { up: 0, down: 0, warming: 0, maintenance: 0, unknown: 0 };
  for (const span of spans) total[span.state] += overlapMs(span, range);
  return { upMs: total.up, downMs: total.down, warmingMs: total.warming, maintenanceMs: total.maintenance };
}

export function addTimes(a: KnownTimes, b: KnownTimes): KnownTimes {
  return {
    upMs: a.upMs + b.upMs,
    downMs: a.downMs + b.downMs,
    warmingMs: a.warmingMs + b.warmingMs,
    maintenanceMs: a.maintenanceMs + b.maintenanceMs,
  };
}

/**
 * What a roll-up of a whole interval says of a part of it: the same share of each state, rounded down, so that the parts
 * never hold more than their time. Only the two ends of a range that reaches back beyond the single transitions need it.
 */
export function shareOf(times: KnownTimes, interval: Range, part: Range): KnownTimes {
  const overlap = overlapMs(interval, part);
  const width = interval.to - interval.from;
  if (overlap === width) return times;
  const share = (timeMs: number): number => Math.floor((timeMs * overlap) / width);
  return {
    upMs: share(times.upMs),
    downMs: share(times.downMs),
    warmingMs: share(times.warmingMs),
    maintenanceMs: share(times.maintenanceMs),
  };
}

/** The five states of a range; together they are its length, because whatever is not known is unknown. */
export function uptimeOf(times: KnownTimes, { from, to }: Range): Uptime {
  const { upMs, downMs, warmingMs, maintenanceMs } = times;
  const judgedMs = upMs + downMs + warmingMs;
  return {
    ...times,
    unknownMs: to - from - judgedMs - maintenanceMs,
    ratio: judgedMs === 0 ? null : upMs / judgedMs,
  };
}
