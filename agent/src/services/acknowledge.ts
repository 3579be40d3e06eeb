import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { RefusedImage, StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { AckWatch, type AckDeps, type AckWish } from './await-ack.ts';
import type { IngestOutcome } from './ingest.ts';
import type { ReplicaView } from './replica-view.ts';

export interface NamedOutcome {
  readonly originalName: string;
  readonly outcome: IngestOutcome;
}

export interface Acknowledged {
  readonly images: (StoredImage | RefusedImage)[];
  /** Whether as many servers as wished for hold every stored image. */
  readonly isReached: boolean;
  readonly errors: readonly FleetError[];
}

/** Stored here, and perhaps not yet on other servers. Its watch listens until `answer` has it. */
export interface StoredUpload {
  readonly outcomes: readonly NamedOutcome[];
  /** Undefined when no other server is waited for. */
  readonly watch: AckWatch | undefined;
}

/** Stores an upload, waits for the copies that were wished for, and writes the receipt. */
export class Acknowledger {
  readonly #deps: AckDeps;
  readonly #view: ReplicaView;

  constructor(deps: AckDeps, view: ReplicaView) {
    this.#deps = deps;
    this.#view = view;
  }

  /** The caller hands what comes back to `answer`, once it has given back whatever nobody may hold while copies travel. */
  async store(wish: AckWish, store: () => Promise<readonly NamedOutcome[]>): Promise<StoredUpload> {
    // Watching begins before the commit: a copy may arrive before the commit's answer does.
    const watch = wish.servers > 1 ? new AckWatch(this.#deps) : undefined;
    try {
      return { outcomes: await store(), watch };
    } catch (error) {
      watch?.close();
      throw error;
    }
  }

  /** Waits as long as was wished for, or until `signal` says that the client has gone. */
  async answer({ outcomes, watch }: StoredUpload, wish: AckWish, signal: AbortSignal): Promise<Acknowledged> {
    try {
      const records = outcomes.flatMap(({ outcome }) => ('record' in outcome ? [outcome.record] : []));
      const isReached = (await watch?.reached(records, wish, signal)) ?? true;
      const images: (StoredImage | RefusedImage)[] = [];
      for (const entry of outcomes) images.push(await this.#entry(entry, watch !== undefined));
      return {
        images,
        isReached,
        errors: outcomes.flatMap(({ outcome }) => ('error' in outcome ? [outcome.error] : [])),
      };
    } finally {
      watch?.close();
    }
  }

  async #entry({ originalName, outcome }: NamedOutcome, hasWaited: boolean): Promise<StoredImage | RefusedImage> {
    if ('error' in outcome) return { originalName, error: outcome.error.toBody() };
    const { record, isNew, targets } = outcome;
    return isNew && !hasWaited ? this.#view.freshReceiptOf(record, targets) : this.#view.receiptOf(record);
  }
}
