import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type {
  CauseFilter,
  Delivery,
  DeliveryCause,
  DeliveryState,
  LedgerState,
} from '@imagefleet/shared/common/delivery/delivery.ts';
import type { ImageRecord, PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Version } from '@imagefleet/shared/common/image/version.ts';
import type { BucketCorrection, RepairReads } from './repair-reads.ts';

/** A record as the catalog holds it. `stagingName`: its bytes may still lie in the tmp area under that name (see ImageStore.open). */
export type CatalogRecord = ImageRecord & { readonly stagingName: string | null };

/** For which peers a write makes deliveries; a peer known to be down gets them parked at birth. */
export interface DeliveryTarget {
  readonly server: string;
  /** null: pending. */
  readonly parkedBy: DeliveryCause | null;
}

/** A write of this server's own: the catalog gives it a version above the record it changes. */
export interface LocalWrite {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly originalName: string;
  /**
   * 'create': only when no record is present at the path (a tombstone may be); equal bytes there are 'same' and change
   * nothing. 'overwrite': whatever is there, and always as a new version.
   */
  readonly mode: 'create' | 'overwrite';
  /** Set when the bytes are not at their path yet (named images): the commit comes first, then the rename. */
  readonly stagingName: string | null;
  readonly targets: readonly DeliveryTarget[];
}

export type WriteOutcome =
  | { readonly outcome: 'stored'; readonly record: PresentRecord }
  | { readonly outcome: 'same'; readonly record: PresentRecord }
  /** Another image is at this path ('taken') or at a path that differs in case only ('caseTaken'). */
  | { readonly outcome: 'taken' | 'caseTaken'; readonly existing: PresentRecord };

/** A record that came from a peer. */
export interface MergeWrite {
  readonly record: ImageRecord;
  readonly stagingName: string | null;
}

export type MergeOutcome =
  | { readonly outcome: 'stored' | 'already' | 'older' }
  | { readonly outcome: 'refused'; readonly code: ErrorCode; readonly message: string };

/** A row that is ready to go, with the record of its path as it is now; one query answers both, so a push costs no look-up. */
export interface DueDelivery extends Delivery {
  /** Of another version than the row when a newer one was written meanwhile; null when the path has no record. */
  readonly record: CatalogRecord | null;
}

/** How one push ended, for the row of exactly that version. A row that a newer version replaced meanwhile is left alone. */
export interface DeliveryUpdate {
  readonly id: number;
  readonly version: Version;
  readonly to:
    | { readonly state: 'delivered' }
    | { readonly state: 'pending' }
    | {
        readonly state: 'failed';
        readonly attempts: number;
        readonly nextAttemptAt: number;
        readonly cause: DeliveryCause;
      }
    | { readonly state: 'parked' | 'dead'; readonly attempts: number; readonly cause: DeliveryCause };
}

/** A row that entered failed, parked or dead, or changed its cause: what the failure log writes down. */
export interface FailureNote {
  readonly at: number;
  readonly path: string;
  readonly server: string;
  readonly cause: DeliveryCause;
}

export interface DeliveryFilter {
  readonly ids?: readonly number[] | undefined;
  readonly server?: string | undefined;
  readonly cause?: CauseFilter | undefined;
  readonly states?: readonly LedgerState[] | undefined;
}

export interface DeliveryListQuery extends DeliveryFilter {
  readonly afterId: number;
  readonly limit: number;
}

export interface LedgerGroup {
  readonly server: string;
  readonly state: Exclude<DeliveryState, 'inflight'>;
  readonly cause: DeliveryCause | null;
  readonly count: number;
  readonly bytes: number;
  readonly oldestQueuedAt: number;
}

export interface ImageListQuery {
  readonly prefix?: string | undefined;
  readonly search?: string | undefined;
  /** Path of the last row of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Something small that this server must know after a restart; null forgets it. */
export interface Fact {
  readonly name: string;
  readonly value: string | null;
}

/**
 * Records and ledger. Every method runs off the event loop; writes that wait at the same time share one transaction and
 * one fsync (`synchronous=FULL`), and resolve only after it. Adapters pass `testing/catalog-contract.ts`.
 */
export interface Catalog extends RepairReads {
  /** Opens or creates; deletes ledger rows of servers that are not in `peers`. */
  start(peers: readonly string[]): Promise<void>;
  /** Finishes what was handed in, then closes. */
  stop(): Promise<void>;
  /** Random id of this server, made at the first start. */
  readonly serverId: string;

  /** All of them in one transaction; all-or-none: when one is 'taken' or 'caseTaken', none is stored, and the others answer what they would have been. */
  write(
    writes: readonly LocalWrite[],
    nowMs: number,
  ): Promise<{ readonly outcomes: readonly WriteOutcome[]; readonly notes: readonly FailureNote[] }>;
  /** Each on its own merits; a stored record replaces the path's own ledger rows, because they hold an older version. */
  merge(writes: readonly MergeWrite[], nowMs: number): Promise<readonly MergeOutcome[]>;
  /** The bytes are at their path now; cleared where the record is still of that version. */
  clearStaging(items: readonly { readonly path: string; readonly version: Version }[]): Promise<void>;
  /** Puts right what `recountBuckets` found wrong; how many. */
  correctBuckets(corrections: readonly BucketCorrection[]): Promise<number>;
  /** Records whose rename may not have happened, for recovery at start. */
  listStaged(): Promise<readonly CatalogRecord[]>;

  find(path: string): Promise<CatalogRecord | undefined>;
  /** The record at this path in whichever upper and lower case; readers of old sites do not care, writers do. */
  findAnyCase(path: string): Promise<CatalogRecord | undefined>;
  /** The records of those paths (at most 1000) that have one, by path. */
  findMany(paths: readonly string[]): Promise<ReadonlyMap<string, CatalogRecord>>;
  /** The same in whichever upper and lower case, by the path that was asked for. */
  findManyAnyCase(paths: readonly string[]): Promise<ReadonlyMap<string, CatalogRecord>>;
  /** The present record with this generated id, whatever its extension. */
  findById(id: string): Promise<CatalogRecord | undefined>;
  findByHashes(sha256: readonly string[]): Promise<readonly PresentRecord[]>;
  /** Present records ascending by path. */
  listImages(query: ImageListQuery): Promise<readonly PresentRecord[]>;
  countImages(): Promise<number>;

  /**
   * Rows ready to go to `server`, oldest first: pending, and failed ones due at `nowMs` when `withFailed`. `overBytes` and
   * `upToBytes` bound the row's size, so that large images waiting for their slot never hide the small ones behind them.
   */
  takeDue(query: {
    readonly server: string;
    readonly nowMs: number;
    readonly withFailed: boolean;
    readonly limit: number;
    readonly overBytes?: number;
    readonly upToBytes?: number;
  }): Promise<readonly DueDelivery[]>;
  /** When the next failed row of `server` is due; undefined when there is none. */
  nextDueAt(server: string): Promise<number | undefined>;
  settle(updates: readonly DeliveryUpdate[], nowMs: number): Promise<readonly FailureNote[]>;
  /** pending and failed rows of a server -> parked; burns no attempts. In slices, so that other writes get their turn. */
  park(server: string, cause: DeliveryCause, nowMs: number): Promise<readonly FailureNote[]>;
  /** Rows that match (failed, parked, dead unless `states` says otherwise) -> pending; returns their ids, ascending. Attempts and first failure stay. */
  requeue(filter: DeliveryFilter): Promise<readonly number[]>;
  listDeliveries(query: DeliveryListQuery): Promise<readonly Delivery[]>;
  deliveriesOf(path: string): Promise<readonly Delivery[]>;
  summarize(): Promise<readonly LedgerGroup[]>;

  /** All of them or none. */
  remember(facts: readonly Fact[]): Promise<void>;
  /** Every fact, by name. */
  recall(): Promise<ReadonlyMap<string, string>>;
}
