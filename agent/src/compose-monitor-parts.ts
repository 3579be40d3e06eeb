import { join } from 'node:path';
import type { MonitorConfig } from '@imagefleet/shared/common/config/monitor-config.ts';
import type { WatchTarget } from '@imagefleet/shared/common/config/watch-targets.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { Prober } from '@imagefleet/shared/node/probe/prober.ts';
import { hooksOfConfig } from '#monitor/hooks/hooks-of-config.ts';
import type { Maintenance } from '#monitor/maintenance.ts';
import type { ScheduleLag } from '#monitor/probe-schedule.ts';
import type { MonitorView } from '#monitor/monitor-view.ts';
import type { EventHub } from '#services/event-hub.ts';
import { watchedEntry } from '#services/watched-servers.ts';
import { OwnThreadHistory } from '#store/history/own-thread-history.ts';
import { WatchModule } from './compose-watch.ts';
import { monitorSelf, WitnessModule } from './compose-witnesses.ts';

/** What the parts of a monitor without an agent are built from. */
export interface MonitorBase {
  readonly config: MonitorConfig;
  readonly targets: readonly WatchTarget[];
  readonly maintenance: Maintenance;
  readonly events: EventHub;
  readonly logger: Logger;
  /** Of the process; programs that hooks run inherit it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface MonitorParts {
  readonly view: MonitorView;
  /** Begins to watch. Called once, after `maintenance` has been read. */
  start(): Promise<void>;
  /** Ends within a written limit; what was decided is on the disk. */
  stop(): Promise<void>;
  /** How late probes began since this was asked last. */
  probeLag(): ScheduleLag;
  /** Why the verdicts cannot be relied on yet; undefined after the first full round. */
  notReady(): string | undefined;
}

/** Builds what watches, by hand: a history in a thread of its own, witnesses from the configuration, and the loop. */
export function buildMonitorParts(base: MonitorBase): MonitorParts {
  const { config, targets, maintenance, events, logger, environment, now } = base;
  const historyStore = new OwnThreadHistory({
    file: join(config.dataDir, 'monitor.sqlite'),
    // Servers go on being watched without a history.
    onCrash: (error) => logger.error('history.threadEnded', { error }),
  });
  const witnesses = new WitnessModule({ agents: config.witnesses, self: monitorSelf(config.name), now });
  const watch = new WatchModule({
    ...{ settings: config, maintenance, historyStore, now, logger },
    witnesses: witnesses.witnesses,
    prober: new Prober(),
    hooks: hooksOfConfig(config.hooks, { environment, random: Math.random }),
    listener: {
      onServerChanged: (server) => {
        events.publish('server', server.name, watchedEntry(server));
      },
      onIncidentChanged: (incident) => {
        events.publish('incident', incident.id, incident);
      },
    },
  });
  return {
    view: watch.view,
    start: async () => {
      await historyStore.start();
      await watch.start(targets);
    },
    stop: async () => {
      await watch.stop();
      witnesses.stop();
      await historyStore.stop();
    },
    probeLag: () => watch.probeLag(),
    notReady: () => (watch.isReady ? undefined : 'the first round of probes is not over'),
  };
}
