import type { Delivery, DeliveryCause, LedgerState } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Version } from '@imagefleet/shared/common/image/version.ts';
import type {
  OperatorInput,
  OperatorMethodName,
  OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import type { DeliveryFilter, DeliveryTarget, FailureNote } from '#store/catalog.ts';

export interface PeerStatus {
  readonly name: string;
  readonly url: string;
  /** Whether copies flow; `down` whenever they are parked, whoever is to blame. The monitor knows whether it is there. */
  readonly state: 'unknown' | 'up' | 'down';
  /** Why deliveries to it are parked; null when they flow. */
  readonly cause: DeliveryCause | null;
}

/** How one delivery ended for now. Announced after the ledger has it. */
export type SettledDelivery =
  | {
      readonly id: number;
      readonly path: string;
      readonly version: Version;
      readonly server: string;
      readonly state: 'delivered' | LedgerState;
      readonly cause: DeliveryCause | null;
    }
  /** A newer version of its path has a delivery of its own. Told for the sake of those who wait for the id. */
  | { readonly id: number; readonly server: string; readonly state: 'superseded' };

export interface ReplayOutcome {
  /** Deliveries that go out now. */
  readonly ids: readonly number[];
  /** Servers whose deliveries stay where they are, because they are not reached or take nothing. */
  readonly unreachable: readonly string[];
}

/** What the services see of replication. */
export interface Replication {
  start(): Promise<void>;
  /** Finishes the batches that are on their way, within a written limit. */
  stop(): Promise<void>;
  /** The deliveries that a write makes now: one per peer, parked where the peer is known to be down. */
  targets(): readonly DeliveryTarget[];
  /** New rows are in the ledger: look. Cheap, may be called once per upload. */
  wake(): void;
  /** Rows that were born parked; they belong into the failure log. */
  note(notes: readonly FailureNote[]): void;
  peers(): readonly PeerStatus[];
  /** Ids on their way at this moment. */
  isInflight(id: number): boolean;
  inflightCount(server: string): number;
  onSettled(listener: (settled: readonly SettledDelivery[]) => void): () => void;
  onPeerChanged(listener: (peer: PeerStatus) => void): () => void;
  /** Asks each server once; then failed, parked and dead rows of those that take copies become pending and go. */
  replay(filter: DeliveryFilter): Promise<ReplayOutcome>;
  /** Asks a peer one question of the OperatorApi, in the peer's own scope, over the signed peer protocol. */
  ask<M extends OperatorMethodName>(
    server: string,
    method: M,
    input: OperatorInput<M>,
    signal: AbortSignal,
  ): Promise<OperatorOutput<M>>;
}

/** A delivery as the outside sees it, with the state that lives in memory only. */
export function stateOf(
  delivery: Delivery,
  replication: Pick<Replication, 'isInflight'>,
): Delivery['state'] | 'inflight' {
  return replication.isInflight(delivery.id) ? 'inflight' : delivery.state;
}
