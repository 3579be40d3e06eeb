import type { ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import { join } from 'node:path';
import { agentTargets } from '@imagefleet/shared/common/config/watch-targets.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { Prober } from '@imagefleet/shared/node/probe/prober.ts';
import type { LoadedConfig } from '#config/load-config.ts';
import { hooksOfConfig } from '#monitor/hooks/hooks-of-config.ts';
import { catalogMaintenance, Maintenance } from '#monitor/maintenance.ts';
import type { MonitorView } from '#monitor/monitor-view.ts';
import { PeerHealthAdapter } from '#monitor/peer-health-adapter.ts';
import type { ScheduleLag } from '#monitor/probe-schedule.ts';
import { ReachDesk } from '#monitor/reach-desk.ts';
import type { PeerCall } from '#replication/peer-endpoint.ts';
import { reachCalls } from '#replication/reach-call.ts';
import type { SqliteCatalog } from '#store/sqlite-catalog.ts';
import { WatchModule, type WatchListener } from './compose-watch.ts';
import { WitnessModule } from './compose-witnesses.ts';
import { monotonic } from './monotonic.ts';

export interface AgentWatchParts {
  readonly config: LoadedConfig;
  readonly catalog: SqliteCatalog;
  /** Of the process; programs that hooks run inherit it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly listener: Pick<WatchListener, 'onServerChanged' | 'onIncidentChanged'>;
  readonly now: () => number;
  readonly logger: Logger;
}

/** The monitor inside an agent: it watches the peers for replication, and is a witness for them. A part of compose.ts. */
export class AgentWatch {
  /** The peers' health, as replication sees it. */
  readonly health: PeerHealthAdapter;
  readonly #parts: AgentWatchParts;
  readonly #maintenance: Maintenance;
  readonly #witnesses: WitnessModule;
  readonly #prober = new Prober();
  readonly #watch: WatchModule;

  constructor(parts: AgentWatchParts) {
    const { config, catalog, environment, listener, now, logger } = parts;
    this.#parts = parts;
    this.health = new PeerHealthAdapter({
      suspect: (server) => this.#watch.suspect(server),
      isReachedByOthers: (server) => this.#watch.verdict(server)?.rule === 'witnesses-reach-it',
    });
    const { onReachability, onObservation } = this.health;
    this.#maintenance = new Maintenance(catalogMaintenance(catalog), logger);
    const self = (): { id: string; name: string } => ({ id: catalog.serverId, name: config.name });
    this.#witnesses = new WitnessModule({ agents: config.peers, self, now });
    this.#watch = new WatchModule({
      ...{ settings: config.monitor, maintenance: this.#maintenance, prober: this.#prober, now, logger },
      historyStore: catalog.historyIn(join(config.dataDir, 'monitor.sqlite')),
      witnesses: this.#witnesses.witnesses,
      hooks: hooksOfConfig(config.monitor.hooks, { environment, random: Math.random }),
      listener: { ...listener, onReachability, onObservation },
    });
  }

  get view(): MonitorView {
    return this.#watch.view;
  }

  probeLag(): ScheduleLag {
    return this.#watch.probeLag();
  }

  /** `port` is the one that this agent listens on now. */
  async start(port: number): Promise<void> {
    const targets = agentTargets(this.#parts.config, port);
    await this.#maintenance.start(targets.map(({ name }) => name));
    await this.#watch.start(targets);
  }

  async stop(): Promise<void> {
    await this.#watch.stop();
    this.#witnesses.stop();
  }

  /** What this agent answers to others that ask whether it reaches a server. */
  calls(): ReadonlyMap<string, PeerCall> {
    // The own address is of no use to them: whoever answers is reached.
    const known: readonly ServerAddress[] = agentTargets(this.#parts.config, 0).filter(({ isOwn }) => !isOwn);
    const desk = new ReachDesk({
      known,
      probe: (target) => this.#prober.probe(target),
      monotonic,
    });
    return reachCalls((addresses) => desk.answer(addresses));
  }
}
