import type { MonitorConfig } from '@imagefleet/shared/common/config/monitor-config.ts';
import { healthSettingsOf, type WatchTarget } from '@imagefleet/shared/common/config/watch-targets.ts';
import type { Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Maintenance } from '#monitor/maintenance.ts';
import { unwatchedHistory, type MonitorView } from '#monitor/monitor-view.ts';
import { VerdictView } from '#monitor/verdict-view.ts';
import type { EventHub } from '#services/event-hub.ts';

/** What the parts of a monitor without an agent are built from. */
export interface MonitorBase {
  readonly config: MonitorConfig;
  readonly targets: readonly WatchTarget[];
  readonly maintenance: Maintenance;
  readonly events: EventHub;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Something failed that only a new start of the process mends. */
  readonly onFatal: (error: unknown) => void;
}

export interface MonitorParts {
  readonly view: MonitorView;
  /** Begins to watch. Called once, after `maintenance` has been read. */
  start(): Promise<void>;
  /** Ends within a written limit; what was decided is on the disk. */
  stop(): Promise<void>;
  /** Why the verdicts cannot be relied on yet; undefined after the first full round. */
  notReady(): string | undefined;
}

/**
 * Builds what watches: loop, probes, witnesses, status files, hooks and history. Nothing is watched here yet: every
 * server is unknown, but for those in maintenance.
 */
export function buildMonitorParts({ config, targets, maintenance, logger, now }: MonitorBase): MonitorParts {
  const startedAt = now();
  const settings = healthSettingsOf(config);
  const names = new Set(targets.map(({ name }) => name));
  const verdict = (server: string): Verdict | undefined => {
    if (!names.has(server)) return undefined;
    const isOut = maintenance.has(server);
    return {
      ...{ server, state: isOut ? 'maintenance' : 'unknown', reachability: 'unknown', sinceAt: startedAt, settings },
      ...{ rule: isOut ? 'maintenance' : 'first-look', successesInRow: 0, failuresInRow: 0, warmUpLeftMs: null },
      ...{ votes: null, probes: [] },
    };
  };
  return {
    view: new VerdictView({
      ...{ targets, maintenance, monitor: { verdict, setMaintenance: () => undefined } },
      history: { read: async (server, range) => unwatchedHistory(server, range) },
    }),
    start: async () => {
      logger.info('monitor.watching', { servers: targets.length });
    },
    stop: async () => undefined,
    notReady: () => undefined,
  };
}
