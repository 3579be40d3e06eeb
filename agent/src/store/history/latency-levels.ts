export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** How long a level is kept, and how many rows it may have for all servers together: that bounds the file. */
export interface Retention {
  readonly keepMs: number;
  readonly maxRows: number;
  /** Kept however many servers there are. */
  readonly leastMs: number;
}

/** Width of an interval of a level of roll-ups, in milliseconds: it is also the level's name in the database. */
export const LEVELS = [MINUTE_MS, HOUR_MS, DAY_MS] as const;
export type Level = (typeof LEVELS)[number];

/** A row takes some 80 bytes: at most 60 MB a level, whose full time fits up to 500, 1,000 and 2,000 servers. */
export const RETENTION: Readonly<Record<Level, Retention>> = {
  [MINUTE_MS]: { keepMs: DAY_MS, maxRows: 720_000, leastMs: 2 * HOUR_MS },
  [HOUR_MS]: { keepMs: 30 * DAY_MS, maxRows: 720_000, leastMs: 3 * DAY_MS },
  [DAY_MS]: { keepMs: 366 * DAY_MS, maxRows: 732_000, leastMs: 30 * DAY_MS },
};

/** Single probes: full time for 200 servers. */
export const SAMPLE_RETENTION_MS = HOUR_MS;
export const SAMPLED_SERVERS = 200;

/** How far back a level reaches with so many servers: its full time, or what fits into its rows. */
export function keptMs(level: Level, servers: number): number {
  const { keepMs, maxRows, leastMs } = RETENTION[level];
  return Math.max(leastMs, Math.min(keepMs, Math.floor(maxRows / Math.max(1, servers)) * level));
}

export function floorTo(width: number, at: number): number {
  return Math.floor(at / width) * width;
}

export function ceilTo(width: number, at: number): number {
  return Math.ceil(at / width) * width;
}
