import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Version } from '@imagefleet/shared/common/image/version.ts';
import type {
  Catalog,
  DeliveryFilter,
  DeliveryListQuery,
  DeliveryUpdate,
  Fact,
  ImageListQuery,
  LocalWrite,
  MergeWrite,
} from './catalog.ts';
import type { SmallFiles } from './disk/small-files.ts';
import { ThreadFiles, type FileCalls } from './disk/thread-files.ts';
import type { HistoryCalls } from './history/history-desk.ts';
import type { HistoryStore } from './history/history-store.ts';
import { ThreadHistory } from './history/thread-history.ts';
import { sumByKey, type BucketCorrection, type DigestView } from './repair-reads.ts';
import type { CatalogMethod } from './sqlite/protocol.ts';
import { startStoreThread } from './threads/store-thread.ts';
import type { WorkerChannel } from './threads/worker-channel.ts';

type CatalogCalls = Pick<Catalog, CatalogMethod> & FileCalls & HistoryCalls;
type CatalogChannel = WorkerChannel<CatalogCalls>;

export interface SqliteCatalogOptions {
  /** The database; its folder must exist. SQLite keeps `-wal` and `-shm` beside it. */
  readonly file: string;
  /** Hears of a thread that died: every call fails from then on, so the agent has to start again. */
  readonly onCrash?: (error: FleetError) => void;
}

interface Threads {
  readonly writer: CatalogChannel;
  readonly reader: CatalogChannel;
  readonly serverId: string;
}

/**
 * The catalog in one SQLite file. Two threads: one writes and waits for fsync, the other only reads, so that a request
 * for an image never stands behind a commit. Errors: CFG_INVALID (not our file), IO_FAILED, DISK_FULL, SHUTTING_DOWN.
 */
export class SqliteCatalog implements Catalog {
  readonly #file: string;
  readonly #onCrash: (error: FleetError) => void;
  #threads: Threads | null = null;
  /** Small files are worked on by the thread that reads, from `start` until `stop`. */
  readonly files: SmallFiles = new ThreadFiles(() => this.#reader);

  constructor({ file, onCrash = () => undefined }: SqliteCatalogOptions) {
    this.#file = file;
    this.#onCrash = onCrash;
  }

  /**
   * A history in a database of its own. The thread that writes the catalog keeps it, because one more costs some ten
   * megabytes, and because its commits wait for no sync. From `start` until `stop`.
   */
  historyIn(file: string): HistoryStore {
    return new ThreadHistory(() => this.#writer, file);
  }

  async start(peers: readonly string[]): Promise<void> {
    const file = this.#file;
    const writer = startStoreThread<CatalogCalls>('store-writer', this.#onCrash);
    // The writer first: it makes the file and its tables. From source it also leaves its compiled form to the reader.
    const serverId = await writer.open({ role: 'writer', file, peers });
    const reader = startStoreThread<CatalogCalls>('store-reader', this.#onCrash);
    try {
      await reader.open({ role: 'reader', file, peers });
    } catch (error) {
      await writer.close();
      throw error;
    }
    this.#threads = { writer, reader, serverId };
  }

  async stop(): Promise<void> {
    const threads = this.#threads;
    this.#threads = null;
    if (threads === null) return;
    // The reader first: the last connection that closes moves the log into the database, and only the writer may.
    await threads.reader.close();
    await threads.writer.close();
  }

  get serverId(): string {
    return this.#open().serverId;
  }

  write(writes: readonly LocalWrite[], nowMs: number) {
    return this.#writer.call('write', writes, nowMs);
  }

  merge(writes: readonly MergeWrite[], nowMs: number) {
    return this.#writer.call('merge', writes, nowMs);
  }

  clearStaging(items: readonly { readonly path: string; readonly version: Version }[]) {
    return this.#writer.call('clearStaging', items);
  }

  settle(updates: readonly DeliveryUpdate[], nowMs: number) {
    return this.#writer.call('settle', updates, nowMs);
  }

  park(server: string, cause: DeliveryCause, nowMs: number) {
    return this.#writer.call('park', server, cause, nowMs);
  }

  requeue(filter: DeliveryFilter) {
    return this.#writer.call('requeue', filter);
  }

  listStaged() {
    return this.#reader.call('listStaged');
  }

  find(path: string) {
    return this.#reader.call('find', path);
  }

  findAnyCase(path: string) {
    return this.#reader.call('findAnyCase', path);
  }

  findMany(paths: readonly string[]) {
    return this.#reader.call('findMany', paths);
  }

  findManyAnyCase(paths: readonly string[]) {
    return this.#reader.call('findManyAnyCase', paths);
  }

  findById(id: string) {
    return this.#reader.call('findById', id);
  }

  findByHashes(sha256: readonly string[]) {
    return this.#reader.call('findByHashes', sha256);
  }

  listImages(query: ImageListQuery) {
    return this.#reader.call('listImages', query);
  }

  countImages() {
    return this.#reader.call('countImages');
  }

  takeDue(query: Parameters<Catalog['takeDue']>[0]) {
    return this.#reader.call('takeDue', query);
  }

  nextDueAt(server: string) {
    return this.#reader.call('nextDueAt', server);
  }

  listDeliveries(query: DeliveryListQuery) {
    return this.#reader.call('listDeliveries', query);
  }

  deliveriesOf(path: string) {
    return this.#reader.call('deliveriesOf', path);
  }

  summarize() {
    return this.#reader.call('summarize');
  }

  remember(facts: readonly Fact[]) {
    return this.#writer.call('remember', facts);
  }

  recall() {
    return this.#reader.call('recall');
  }

  async digestDays(view: DigestView) {
    return sumByKey(await this.#reader.call('digestDays', view), ({ day }) => ({ day }));
  }

  async digestBuckets(view: DigestView, day: string) {
    return sumByKey(await this.#reader.call('digestBuckets', view, day), ({ bucket }) => ({ bucket }));
  }

  async recountBuckets(day: string) {
    return sumByKey(await this.#reader.call('recountBuckets', day), ({ bucket }) => ({ bucket }));
  }

  correctBuckets(corrections: readonly BucketCorrection[]) {
    return this.#writer.call('correctBuckets', corrections);
  }

  listEntries(query: Parameters<Catalog['listEntries']>[0]) {
    return this.#reader.call('listEntries', query);
  }

  findEntries(query: Parameters<Catalog['findEntries']>[0]) {
    return this.#reader.call('findEntries', query);
  }

  get #writer(): CatalogChannel {
    return this.#open().writer;
  }

  get #reader(): CatalogChannel {
    return this.#open().reader;
  }

  #open(): Threads {
    if (this.#threads === null) throw new FleetError('SHUTTING_DOWN', 'the catalog is not open');
    return this.#threads;
  }
}
