import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { reachableOf } from '@imagefleet/shared/common/config/host-of-url.ts';
import { parseListenAddress } from '@imagefleet/shared/common/config/listen-address.ts';
import type { MonitorConfig } from '@imagefleet/shared/common/config/monitor-config.ts';
import { listedTargets } from '@imagefleet/shared/common/config/watch-targets.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { Access } from '#http/access.ts';
import { Gatekeeper } from '#http/auth.ts';
import { createMonitorApp } from '#http/monitor-app.ts';
import { HttpServer } from '#http/server.ts';
import { fileMaintenance, Maintenance } from '#monitor/maintenance.ts';
import { EventHub } from '#services/event-hub.ts';
import { MonitorMetrics } from '#services/monitor-metrics.ts';
import { monitorQueries } from '#services/monitor-queries.ts';
import { watchedEntry } from '#services/watched-servers.ts';
import { makeDurableFolder } from '#store/disk/durable-folder.ts';
import { buildMonitorParts, type MonitorBase, type MonitorParts } from './compose-monitor-parts.ts';
import { VERSION } from './version.ts';

/** A part of the time that the process has for stopping: status files and history come after it. */
const HTTP_STOP_MS = 5_000;

export interface MonitorOptions {
  readonly config: MonitorConfig;
  readonly logger: Logger;
  /** Of the process; programs that hooks run inherit it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What watches; the real parts unless a test has its own. */
  readonly buildParts?: (base: MonitorBase) => MonitorParts;
}

export interface RunningMonitor {
  readonly port: number;
  /** Where its API is reached on its own machine. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Builds a monitor without an agent by hand and starts it. */
export async function startMonitor(options: MonitorOptions): Promise<RunningMonitor> {
  const { config, logger, environment, buildParts = buildMonitorParts } = options;
  const listen = parseListenAddress(config.listen);
  if (listen === undefined) throw new FleetError('CFG_INVALID', `Cannot listen on ${config.listen}: no host:port.`);
  const now = Date.now;
  const events = new EventHub({ now, epoch: now().toString(36) });
  const maintenance = new Maintenance(fileMaintenance(join(config.dataDir, 'maintenance.json')), logger);
  const targets = listedTargets(config);
  const parts = buildParts({ config, targets, maintenance, events, logger, environment, now });
  const { server, stopTaking } = buildEdge({ config, parts, events, logger });

  await makeDurableFolder(config.dataDir);
  await maintenance.start(targets.map(({ name }) => name));
  // Before anything is watched: a second monitor that is started by mistake fails here, and writes no status file.
  const { port } = await server.start(listen);
  await parts.start();
  return {
    port,
    url: `http://${formatHostPort(reachableOf({ host: listen.host, port }))}`,
    stop: async () => {
      stopTaking();
      events.stop();
      await Promise.all([server.stop(), parts.stop()]);
    },
  };
}

interface EdgeParts extends Pick<MonitorOptions, 'config' | 'logger'> {
  readonly parts: MonitorParts;
  readonly events: EventHub;
}

/** What answers requests. */
function buildEdge({ config, parts, events, logger }: EdgeParts): {
  readonly server: HttpServer;
  readonly stopTaking: () => void;
} {
  let isStopping = false;
  const { view } = parts;
  const gatekeeper = new Gatekeeper(config);
  const app = createMonitorApp({
    ...{
      events,
      logger,
      gatekeeper,
      access: new Access({ gatekeeper }),
      metrics: new MonitorMetrics(new Registry(), view, () => parts.probeLag()),
    },
    handlers: {
      ...monitorQueries({ monitor: view, now: Date.now }),
      // It is its own whole fleet, so both scopes are the same.
      listServers: async () => ({ servers: view.states().map(watchedEntry), silent: [] }),
    },
    notReady: async () => (isStopping ? 'SHUTTING_DOWN' : parts.notReady()),
    about: { name: config.name, version: VERSION },
  });
  const listener = app.callback();
  const server = new HttpServer({
    listener: (request, response) => void listener(request, response),
    logger,
    stopLimitMs: HTTP_STOP_MS,
  });
  const stopTaking = (): void => {
    isStopping = true;
  };
  return { server, stopTaking };
}
