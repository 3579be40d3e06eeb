import { z } from 'zod';
import { SERVER_STATES } from '../health/fleet-snapshot.ts';
import type { Observation } from '../health/observation.ts';
import type { Verdict, VerdictRule, Reachability } from '../health/verdict.ts';
import { historyQuery } from './history-schemas.ts';
import { cause, scope, silent } from './operator-schemas.ts';

/** Shapes of what a monitor says of one server. Instants are epoch milliseconds, durations milliseconds. */

/** Longer names are none that a configuration can give. */
const serverName = z.string().min(1).max(300);
const count = z.number().int();

export const serverQuery = z.object({ name: serverName });
export const serverHistoryQuery = historyQuery.extend({ name: serverName });

export const maintenanceInput = z.object({ name: serverName, on: z.boolean(), scope });
/** `silent`: agents that were to be told too, and did not answer. */
export const maintenanceAnswer = z.object({ name: z.string(), state: z.enum(SERVER_STATES), silent });

const observation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('success'), latencyMs: z.number() }),
  z.object({ kind: z.literal('failure'), cause }),
  z.object({ kind: z.literal('silence'), cause }),
  z.object({ kind: z.literal('ownFailure'), cause }),
]) satisfies z.ZodType<Observation>;

const RULES = [
  ...['first-look', 'warming-up', 'warmed-up', 'failures', 'witnesses-reach-it', 'witnesses-miss-it'],
  ...['network-proven', 'silence-unconfirmed', 'isolated', 'own-failure', 'maintenance'],
] as const satisfies readonly VerdictRule[];
const REACHABILITIES = ['unknown', 'reachable', 'doubted', 'unreachable'] as const satisfies readonly Reachability[];

export const verdict = z.object({
  server: z.string(),
  state: z.enum(SERVER_STATES),
  reachability: z.enum(REACHABILITIES),
  rule: z.enum(RULES),
  sinceAt: count,
  successesInRow: count,
  failuresInRow: count,
  warmUpLeftMs: z.number().nullable(),
  votes: z.object({ reached: count, unreached: count, at: count }).nullable(),
  probes: z.array(z.object({ at: count, observation })),
  settings: z.object({
    intervalMs: z.number(),
    fastIntervalMs: z.number(),
    timeoutMs: z.number(),
    fall: count,
    rise: count,
    warmUpMs: z.number(),
  }),
}) satisfies z.ZodType<Verdict>;
