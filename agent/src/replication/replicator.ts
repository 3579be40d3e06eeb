import type { DeliveryPolicy } from '@imagefleet/shared/common/delivery/step.ts';
import type { AgentConfig } from '@imagefleet/shared/common/config/agent-config.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type {
  OperatorInput,
  OperatorMethodName,
  OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import type { Catalog, DeliveryFilter, DeliveryTarget, FailureNote } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { FailureLog } from './failure-log.ts';
import { PeerClient, type PeerClientOptions } from './peer-client.ts';
import type { PeerHealth } from './peer-health.ts';
import type { PeerIdentities } from './peer-identities.ts';
import { PeerLink } from './peer-link.ts';
import { serversOf } from './replay-servers.ts';
import type { PeerStatus, ReplayOutcome, Replication, SettledDelivery } from './replication.ts';

/**
 * Bytes of images in the small batches of all peers together, and the most for one of them. In memory they are twice: as
 * they were read, and joined to what goes out.
 */
const ALL_BATCHES_BYTES = 8 * 1024 * 1024;
const MAX_BATCH_BYTES = 2 * 1024 * 1024;

/** Longer timers fire at once (HTML standard, "timers": 32-bit milliseconds). */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface ReplicatorDeps {
  readonly config: Pick<AgentConfig, 'name' | 'peers' | 'replication'>;
  readonly store: Pick<ImageStore, 'open' | 'read'>;
  readonly catalog: Catalog;
  /** Knows whether peers can be reached; is started and stopped by others. */
  readonly health: PeerHealth;
  readonly failureLog: Pick<FailureLog, 'append' | 'stop'>;
  readonly identities?: Pick<PeerIdentities, 'meet'>;
  readonly now: () => number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** Limits of the peer client, for tests. */
  readonly clientLimits?: Pick<PeerClientOptions, 'stallMs' | 'helloMs'>;
}

/** Replication of this server to its peers: one link each, and what concerns all of them. */
export class Replicator implements Replication {
  readonly #deps: ReplicatorDeps;
  readonly #links: ReadonlyMap<string, PeerLink>;
  readonly #clients: ReadonlyMap<string, PeerClient>;
  readonly #settledListeners = new Set<(settled: readonly SettledDelivery[]) => void>();
  readonly #peerListeners = new Set<(peer: PeerStatus) => void>();
  #replayTimer: NodeJS.Timeout | undefined;
  #scheduledReplay: Promise<void> | null = null;

  constructor(deps: ReplicatorDeps) {
    this.#deps = deps;
    const { config, catalog, now } = deps;
    const self = (): { id: string; name: string } => ({ id: catalog.serverId, name: config.name });
    this.#clients = new Map(
      config.peers.map((peer) => [peer.name, new PeerClient({ peer, self, now, ...deps.clientLimits })]),
    );
    this.#links = new Map([...this.#clients].map(([name, client]) => [name, this.#makeLink(name, client)]));
  }

  async start(): Promise<void> {
    const { autoRetry, replayEvery } = this.#deps.config.replication;
    for (const link of this.#links.values()) link.start();
    if (!autoRetry || this.#links.size === 0) return;
    this.#replayTimer = setInterval(() => this.#replayOnSchedule(), Math.min(replayEvery, MAX_TIMER_MS));
  }

  async stop(): Promise<void> {
    clearInterval(this.#replayTimer);
    await Promise.all([...this.#links.values()].map((link) => link.stop()));
    await this.#scheduledReplay;
    await this.#deps.failureLog.stop();
  }

  targets(): readonly DeliveryTarget[] {
    return [...this.#links].map(([server, link]) => ({ server, parkedBy: link.parkingCause }));
  }

  wake(): void {
    for (const link of this.#links.values()) link.wake();
  }

  note(notes: readonly FailureNote[]): void {
    this.#deps.failureLog.append(notes);
    // A write that began while a peer was down may commit its parked row after the peer's return let all others go.
    for (const server of new Set(notes.map((note) => note.server))) {
      const link = this.#links.get(server);
      if (link?.status.state === 'up') link.release();
    }
  }

  peers(): readonly PeerStatus[] {
    return [...this.#links.values()].map((link) => link.status);
  }

  isInflight(id: number): boolean {
    for (const link of this.#links.values()) if (link.inflight.has(id)) return true;
    return false;
  }

  inflightCount(server: string): number {
    return this.#links.get(server)?.inflight.size ?? 0;
  }

  onSettled(listener: (settled: readonly SettledDelivery[]) => void): () => void {
    this.#settledListeners.add(listener);
    return () => this.#settledListeners.delete(listener);
  }

  onPeerChanged(listener: (peer: PeerStatus) => void): () => void {
    this.#peerListeners.add(listener);
    return () => this.#peerListeners.delete(listener);
  }

  async replay(filter: DeliveryFilter): Promise<ReplayOutcome> {
    const servers = await serversOf(filter, this.#deps.catalog);
    const links = servers.flatMap((server) => this.#links.get(server) ?? []);
    const replayed = await Promise.all(
      links.map(async (link) => ({ name: link.status.name, ids: await link.replay(filter) })),
    );
    return {
      ids: replayed.flatMap(({ ids }) => ids ?? []),
      unreachable: replayed.flatMap(({ name, ids }) => (ids === undefined ? [name] : [])),
    };
  }

  async ask<M extends OperatorMethodName>(
    server: string,
    method: M,
    input: OperatorInput<M>,
    signal: AbortSignal,
  ): Promise<OperatorOutput<M>> {
    const client = this.#clients.get(server);
    if (client === undefined) throw new FleetError('SERVER_UNKNOWN', `no peer has the name ${server}`);
    return client.ask(method, input, signal);
  }

  /** How a peer is spoken to, for those who compare with it; undefined when it is none. */
  clientOf(server: string): PeerClient | undefined {
    return this.#clients.get(server);
  }

  #makeLink(name: string, client: PeerClient): PeerLink {
    const { config, store, catalog, health, failureLog, identities, logger } = this.#deps;
    return new PeerLink({
      ...{ name, client, health, store, catalog },
      meet: identities === undefined ? undefined : (id) => identities.meet(name, id),
      url: config.peers.find((peer) => peer.name === name)?.url ?? '',
      batchBytes: Math.min(MAX_BATCH_BYTES, Math.floor(ALL_BATCHES_BYTES / config.peers.length)),
      policy: () => this.#policy(),
      note: (notes) => failureLog.append(notes),
      announce: (settled) => announce(this.#settledListeners, settled),
      onChanged: (status) => announce(this.#peerListeners, status),
      logger: logger.child({ peer: name }),
    });
  }

  #policy(): DeliveryPolicy {
    const { now, random, config } = this.#deps;
    const { autoRetry, backoff } = config.replication;
    return { nowMs: now(), autoRetry, backoff: { firstMs: backoff.first, capMs: backoff.cap }, random };
  }

  /** One that still runs when the next is due takes its place. */
  #replayOnSchedule(): void {
    this.#scheduledReplay ??= this.replay({})
      .then(({ ids, unreachable }) => {
        if (ids.length > 0) this.#deps.logger.info('replica.replayed', { count: ids.length, unreachable });
      })
      .catch((error: unknown) => this.#deps.logger.error('replica.replayFailed', { error }))
      .finally(() => (this.#scheduledReplay = null));
  }
}

function announce<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
  for (const listener of listeners) listener(value);
}
