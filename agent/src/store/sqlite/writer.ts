import type { DatabaseSync } from 'node:sqlite';
import { BucketTable } from './bucket-table.ts';
import type { CallHandlers } from './call-queue.ts';
import { CatalogState } from './catalog-state.ts';
import { DeliveryTable } from './delivery-table.ts';
import { FactTable } from './fact-table.ts';
import { ImageTable } from './image-table.ts';
import { LedgerSlices } from './ledger-slices.ts';
import { writeLocal } from './local-writes.ts';
import { mergeFromPeer } from './peer-merges.ts';
import type { Handlers, SlicedWrite, SliceHandlers, WriteMethod } from './protocol.ts';
import { readServerId, type WritableDatabase } from './schema.ts';
import { isDiskFailure } from './sqlite-error.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

/** 10 characters of base 36: 51 bits, and short because every version carries it. */
const SERVER_ID_LENGTH = 10;

/** The writing half of the catalog: its calls, and the transaction they run in. */
export class CatalogWriter {
  readonly #database: DatabaseSync;
  readonly #log: WriteAheadLog;
  readonly #state: CatalogState;
  readonly #buckets: BucketTable;

  constructor({ database, log }: WritableDatabase, serverId: string) {
    this.#database = database;
    this.#log = log;
    this.#state = new CatalogState(database, serverId);
    this.#state.load();
    this.#buckets = new BucketTable(database);
  }

  transact<T>(work: () => T): T {
    this.#log.prepare();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#state.save();
      this.#buckets.save();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (isDiskFailure(error)) this.#log.failed();
      // SQLite has rolled back by itself after some failures, a full disk among them.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#state.load();
      this.#buckets.drop();
      throw error;
    }
  }

  handlers(): CallHandlers {
    const images = new ImageTable(this.#database, this.#buckets);
    const deliveries = new DeliveryTable(this.#database);
    const facts = new FactTable(this.#database);
    const slices = new LedgerSlices(this.#database);
    const tables = { images, deliveries, state: this.#state };
    const whole: Handlers<Exclude<WriteMethod, SlicedWrite>> = {
      write: (writes, nowMs) => writeLocal(tables, writes, nowMs),
      merge: (writes, nowMs) => writes.map((write) => mergeFromPeer(tables, write, nowMs)),
      clearStaging: (items) => {
        for (const { path, version } of items) images.clearStaging(path, version);
      },
      correctBuckets: (corrections) => this.#buckets.correct(corrections),
      remember: (items) => facts.remember(items),
      settle: (updates, nowMs) => updates.flatMap((update) => deliveries.settle(update, nowMs) ?? []),
    };
    const sliced: SliceHandlers<SlicedWrite> = {
      park: (cursor, server, cause, nowMs) => slices.park(cursor, server, cause, nowMs),
      requeue: (cursor, filter) => slices.requeue(cursor, filter),
    };
    return { whole, sliced } as unknown as CallHandlers;
  }
}

/** The id of this server, made now when the catalog has none yet. */
export function ensureServerId(database: DatabaseSync): string {
  const known = readServerId(database);
  if (known !== undefined) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(SERVER_ID_LENGTH));
  // 252 is the highest multiple of 36 in a byte; the few bytes above it would favour the first letters a little, which
  // does not matter for an id that only has to differ.
  const serverId = Array.from(bytes, (byte) => (byte % 36).toString(36)).join('');
  database.prepare("INSERT INTO meta (name, value) VALUES ('server_id', ?)").run(serverId);
  return serverId;
}

/** Deliveries to servers that are no peers any more have nowhere to go. */
export function dropForeignDeliveries(database: DatabaseSync, peers: readonly string[]): void {
  database
    .prepare('DELETE FROM delivery WHERE server NOT IN (SELECT value FROM json_each(?))')
    .run(JSON.stringify(peers));
}
