import { linkOf } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { serverIdOf } from '@imagefleet/shared/common/image/version.ts';
import type { Delivery } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Replica, StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { Replication } from '#replication/replication.ts';
import type { Catalog, DeliveryTarget } from '#store/catalog.ts';

export interface ReplicaViewDeps {
  readonly catalog: Pick<Catalog, 'deliveriesOf' | 'serverId'>;
  readonly replication: Pick<Replication, 'peers' | 'ask'>;
  /** Name of this server. */
  readonly name: string;
  readonly publicUrl: string;
}

/** How long a peer may take to say whether it holds an image. */
const ASK_MS = 2_000;

/**
 * Which server holds an image. Of what was written here every peer has a copy unless a delivery to it is open. Only the
 * writer has those deliveries, so of what was written elsewhere the peers are asked; one that does not answer counts as
 * lacking it.
 */
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
    return this.#receipt(record, await this.replicasOf(record));
  }

  /** The receipt of an image that was stored this moment; needs no look into the ledger. */
  freshReceiptOf(record: PresentRecord, targets: readonly DeliveryTarget[]): StoredImage {
    const replicas = targets.map(({ server, parkedBy }): Replica => {
      return parkedBy === null ? { server, state: 'pending' } : { server, state: 'pending', code: parkedBy.code };
    });
    return this.#receipt(record, [this.#own(), ...replicas]);
  }

  async replicasOf(record: PresentRecord): Promise<Replica[]> {
    const { catalog, replication } = this.#deps;
    const isOwn = serverIdOf(record.version) === catalog.serverId;
    const open = new Map((await catalog.deliveriesOf(record.path)).map((delivery) => [delivery.server, delivery]));
    const peers = replication.peers().map(async ({ name }): Promise<Replica> => {
      const delivery = open.get(name);
      if (delivery !== undefined || isOwn) return replicaOf(name, delivery);
      return { server: name, state: (await this.#isHeldBy(name, record)) ? 'stored' : 'pending' };
    });
    return [this.#own(), ...(await Promise.all(peers))];
  }

  async #isHeldBy(server: string, { sha256, path }: PresentRecord): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(ASK_MS);
      const { images } = await this.#deps.replication.ask(server, 'lookupImages', { sha256: [sha256], path }, signal);
      return images.some((image) => image.path === path);
    } catch {
      // A peer that cannot say that it has the image is not counted as having it, whatever the reason.
      return false;
    }
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
