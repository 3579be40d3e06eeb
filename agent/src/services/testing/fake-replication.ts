import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type {
  OperatorInput,
  OperatorMethodName,
  OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { PeerStatus, Replication, ReplayOutcome, SettledDelivery } from '#replication/replication.ts';
import type { DeliveryFilter, DeliveryTarget, FailureNote } from '#store/catalog.ts';

/** Replication that does nothing by itself: a test says which peers there are, what settles and what a peer answers. */
export class FakeReplication implements Replication {
  readonly statuses: PeerStatus[] = [];
  readonly noted: FailureNote[] = [];
  readonly inflight = new Set<number>();
  readonly filters: DeliveryFilter[] = [];
  wakes = 0;
  replayOutcome: ReplayOutcome = { ids: [], unreachable: [] };
  onReplay: () => void = () => undefined;
  answer: (server: string, method: OperatorMethodName, input: unknown, signal: AbortSignal) => Promise<unknown> = (
    server,
  ) => Promise.reject(new FleetError('PEER_UNREACHABLE', server));
  readonly #listeners = new Set<(settled: readonly SettledDelivery[]) => void>();

  constructor(peers: readonly string[] = []) {
    for (const name of peers) this.addPeer(name);
  }

  addPeer(name: string, cause: DeliveryCause | null = null): void {
    this.statuses.push({ name, url: `http://${name}.example.com`, state: cause === null ? 'up' : 'down', cause });
  }

  announce(settled: readonly SettledDelivery[]): void {
    for (const listener of this.#listeners) listener(settled);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  targets(): readonly DeliveryTarget[] {
    return this.statuses.map(({ name, cause }) => ({ server: name, parkedBy: cause }));
  }

  wake(): void {
    this.wakes += 1;
  }

  note(notes: readonly FailureNote[]): void {
    this.noted.push(...notes);
  }

  peers(): readonly PeerStatus[] {
    return this.statuses;
  }

  isInflight(id: number): boolean {
    return this.inflight.has(id);
  }

  inflightCount(): number {
    return this.inflight.size;
  }

  onSettled(listener: (settled: readonly SettledDelivery[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onPeerChanged(): () => void {
    return () => undefined;
  }

  replay(filter: DeliveryFilter): Promise<ReplayOutcome> {
    this.filters.push(filter);
    this.onReplay();
    return Promise.resolve(this.replayOutcome);
  }

  async ask<M extends OperatorMethodName>(
    server: string,
    method: M,
    input: OperatorInput<M>,
    signal: AbortSignal,
  ): Promise<OperatorOutput<M>> {
    return (await this.answer(server, method, input, signal)) as OperatorOutput<M>;
  }
}
