import type { HealthSettings } from './health-settings.ts';
import type { ServerHealth } from './server-health.ts';

/** Intervals shrink by up to this part, so that monitors do not probe in step; never grow, so that no promise is late. */
const JITTER = 0.1;

/**
 * Milliseconds from the start of one probe to the start of the next. `random` is in [0, 1). Where the answer may change
 * a verdict soon, quick probes find it out; a server that is known to be down, or of which nobody can know, can wait.
 */
export function probeIntervalMs(server: ServerHealth, settings: HealthSettings, random: number): number {
  const { intervalMs, fastIntervalMs } = settings;
  if (isInDoubt(server, settings)) return fastIntervalMs;
  // While it warms up, at any moment: one that comes and goes in step with the interval would never be caught away.
  if (server.core === 'warming') return fastIntervalMs + (intervalMs - fastIntervalMs) * random;
  return intervalMs * (1 - JITTER * random);
}

function isInDoubt(server: ServerHealth, { fall, rise }: HealthSettings): boolean {
  switch (server.reachability) {
    case 'doubted':
      return true;
    case 'reachable':
      return server.core !== 'up' && server.successes < rise;
    case 'unreachable':
      return false;
    case 'unknown':
      // Seen for the first time, or again: soon known. What stays silent although nobody can tell is left in peace.
      return server.failures < 2 * fall && server.ownFailures < fall && server.rule !== 'isolated';
  }
}
