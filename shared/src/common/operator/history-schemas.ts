import { z } from 'zod';
import { SERVER_STATES } from '../health/fleet-snapshot.ts';
import { MAX_HISTORY_POINTS } from './history-limits.ts';
import { cause } from './operator-schemas.ts';

/** Shapes of a server's history and of incidents. Instants are epoch milliseconds, durations whole milliseconds. */

/** Up to the last one that a date can name (ECMA-262, 21.4.1.1). */
const instant = z.coerce.number().int().min(0).max(8_640_000_000_000_000);
const count = z.number().int();
const milliseconds = z.number().min(0);
const state = z.enum(SERVER_STATES);
/** A year: more than is kept. */
const MAX_HISTORY_SECONDS = 366 * 86_400;

export const historyQuery = z.object({
  /** Begin of the range; a day before its end by default. */
  from: instant.optional(),
  /** Seconds up to the end, in place of `from`: for clients whose clock may be another one. */
  last: z.coerce.number().int().min(1).max(MAX_HISTORY_SECONDS).optional(),
  /** End of the range, not part of it; now by default. */
  to: instant.optional(),
  /** Latency points at most. */
  points: z.coerce.number().int().min(1).max(MAX_HISTORY_POINTS).default(200),
});

/**
 * How long the server was in each state. The five always add up to `to - from`. Unknown is also every moment in which no
 * monitor ran, in which the clock says it passed and it did not, and that is not kept any more or not come yet.
 */
export const uptime = z.object({
  upMs: count,
  downMs: count,
  warmingMs: count,
  maintenanceMs: count,
  unknownMs: count,
  /** up / (up + down + warming): the share of the time of which something is known and that nobody planned; null without any. */
  ratio: z.number().min(0).max(1).nullable(),
});

export const historyTransition = z.object({
  at: count,
  from: state,
  to: state,
  /** How long `from` lasted, by a clock that nobody sets. */
  lastedMs: count,
  cause: cause.nullable(),
  isConfirmed: z.boolean(),
});

/**
 * Probes of an interval that begins at `at`. `failures` are part of `count`; latencies are those of the successes, null
 * without one. p50 and p99 of intervals that were rolled up are never below the truth, and at most a fifth above it.
 */
export const latencyPoint = z.object({
  at: count,
  count,
  failures: count,
  minMs: milliseconds.nullable(),
  meanMs: milliseconds.nullable(),
  p50Ms: milliseconds.nullable(),
  p99Ms: milliseconds.nullable(),
  maxMs: milliseconds.nullable(),
});

export const historyAnswer = z.object({
  server: z.string(),
  from: count,
  to: count,
  uptime,
  /** Of many the newest; the newest last. */
  transitions: z.array(historyTransition),
  latency: z.array(latencyPoint),
});

/** Failures that came together from one cause: told once when it opens, and once when all its servers are back. */
export const incident = z.object({
  id: z.string(),
  openedAt: count,
  closedAt: count.nullable(),
  cause: cause.nullable(),
  /** In the order in which they failed; none when the monitor's own network failed and no server was judged. */
  servers: z.array(z.string()),
  /** Those of them that are not back. */
  missing: z.array(z.string()),
  /** False: all of it rests on silence that nobody else could confirm. */
  isConfirmed: z.boolean(),
  /** How often it came back shortly after it was over. */
  reopened: count,
});

export type HistoryQuery = z.infer<typeof historyQuery>;
export type HistoryAnswer = z.infer<typeof historyAnswer>;
export type HistoryTransition = z.infer<typeof historyTransition>;
export type LatencyPoint = z.infer<typeof latencyPoint>;
export type Uptime = z.infer<typeof uptime>;
export type Incident = z.infer<typeof incident>;
