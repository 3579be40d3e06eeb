import { linkOf } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Delivery } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Replica, StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { Replication } from '#replication/replication.ts';
import type { Catalog, DeliveryTarget } from '#store/catalog.ts';

export interface ReplicaViewDeps {
  readonly catalog: Pick<Catalog, 'deliveriesOf'>;
  readonly replication: Pick<Replication, 'peers'>;
  /** Name of this server. */
  readonly name: string;
  readonly publicUrl: string;
}

/** Which server holds an image, as this server knows it: every peer has it unless a delivery to it is open. */
export class ReplicaView {
  readonly #deps: ReplicaViewDeps;

  constructor(deps: ReplicaViewDeps) {
    this.#deps = deps;
  }

  /** Number of servers in the fleet, this one included. */
  get fleetSize(): number {
    return this.#deps.replication.peers().length + 1;
  }

  link(path: string): string {
    return linkOf(this.#deps.publicUrl, path);
  }

  /** The receipt from the ledger as it stands now. */
  async receiptOf(record: PresentRecord): Promise<StoredImage> {
    return this.#receipt(record, await this.replicasOf(record.path));
  }

  /** The receipt of an image that was stored this moment; needs no look into the ledger. */
  freshReceiptOf(record: PresentRecord, targets: readonly DeliveryTarget[]): StoredImage {
    const replicas = targets.map(({ server, parkedBy }): Replica => {
      return parkedBy === null ? { server, state: 'pending' } : { server, state: 'pending', code: parkedBy.code };
    });
    return this.#receipt(record, [this.#own(), ...replicas]);
  }

  async replicasOf(path: string): Promise<Replica[]> {
    const open = new Map((await this.#deps.catalog.deliveriesOf(path)).map((delivery) => [delivery.server, delivery]));
    const peers = this.#deps.replication.peers().map((peer) => replicaOf(peer.name, open.get(peer.name)));
    return [this.#own(), ...peers];
  }

  #own(): Replica {
    return { server: this.#deps.name, state: 'stored' };
  }

  #receipt(record: PresentRecord, replicas: Replica[]): StoredImage {
    const { path, sha256, sizeBytes, mediaType, originalName } = record;
    return { path, link: this.link(path), sha256, sizeBytes, mediaType, originalName, replicas };
  }
}

function replicaOf(server: string, open: Delivery | undefined): Replica {
  if (open === undefined) return { server, state: 'stored' };
  const state = open.state === 'dead' ? 'failed' : 'pending';
  return open.cause === null ? { server, state } : { server, state, code: open.cause.code };
}
