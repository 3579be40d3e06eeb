import type { HealthSettings } from '@imagefleet/shared/common/health/health-settings.ts';
import { ruleOf, stateOf, type ServerHealth } from '@imagefleet/shared/common/health/server-health.ts';
import type { Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import type { SeenProbe } from './probe-ring.ts';

interface VerdictContext {
  readonly settings: HealthSettings;
  readonly probes: readonly SeenProbe[];
  /** The same instant on both clocks. */
  readonly at: number;
  readonly nowMs: number;
}

/** What is behind a server's state, for people. Instants become epoch milliseconds here and only here. */
export function verdictOf(server: string, health: ServerHealth, context: VerdictContext): Verdict {
  const { settings, probes, at, nowMs } = context;
  return {
    ...{ server, settings, probes, reachability: health.reachability },
    ...{ state: stateOf(health), rule: ruleOf(health) },
    sinceAt: Math.round(at - (nowMs - health.sinceMs)),
    ...{ successesInRow: health.successes, failuresInRow: health.failures },
    warmUpLeftMs: warmUpLeftMs(health, settings, nowMs),
    votes: health.votes === null ? null : { ...health.votes, at: Math.round(at - (nowMs - health.votesAtMs)) },
  };
}

function warmUpLeftMs(health: ServerHealth, { warmUpMs }: HealthSettings, nowMs: number): number | null {
  const isWarming = health.core === 'warming' || (health.core === 'unknown' && health.isHeldOnline);
  if (!isWarming || health.isInMaintenance) return null;
  return health.warmSinceMs === null ? warmUpMs : Math.max(0, Math.round(warmUpMs - (nowMs - health.warmSinceMs)));
}
