import { clockOf, formatVersion, observe, tick } from '@imagefleet/shared/common/image/version.ts';
import { NO_CAUSE, type Delivery } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type {
  Catalog,
  CatalogRecord,
  DeliveryFilter,
  DeliveryListQuery,
  DeliveryUpdate,
  Fact,
  FailureNote,
  ImageListQuery,
  LedgerGroup,
  LocalWrite,
  MergeOutcome,
  MergeWrite,
  WriteOutcome,
} from '#store/catalog.ts';
import type { DigestView } from '#store/repair-reads.ts';
import { MemoryRepair } from './memory-repair.ts';

/** The catalog port in memory: enough to test what stands above it. What only replication uses is not there. */
export class MemoryCatalog implements Catalog {
  readonly serverId = 'test';
  readonly rows: Delivery[] = [];
  readonly facts = new Map<string, string>();
  readonly records = new Map<string, CatalogRecord>();
  readonly #repair = new MemoryRepair({ records: this.records, rows: this.rows });
  /** Runs before a write is looked at; stands for a peer that is faster. */
  beforeWrite: () => void = () => undefined;
  writes = 0;
  #clock = { wallMs: 0, counter: 0 };
  #nextId = 1;

  async start(): Promise<void> {
    await Promise.resolve();
  }

  async stop(): Promise<void> {
    await Promise.resolve();
  }

  async write(
    writes: readonly LocalWrite[],
    nowMs: number,
  ): Promise<{ outcomes: WriteOutcome[]; notes: FailureNote[] }> {
    await Promise.resolve();
    this.beforeWrite();
    this.writes += 1;
    const notes: FailureNote[] = [];
    const planned = writes.map((write) => this.#plan(write, nowMs));
    if (planned.some((outcome) => 'existing' in outcome)) return { outcomes: planned, notes };
    planned.forEach((outcome, index) => {
      const write = writes[index];
      if (outcome.outcome !== 'stored' || write === undefined) return;
      this.records.set(fold(write.path), { ...outcome.record, stagingName: write.stagingName });
      for (const { server, parkedBy } of write.targets) {
        const { path, version, sizeBytes } = outcome.record;
        if (parkedBy !== null) notes.push({ at: nowMs, path, server, cause: parkedBy });
        this.rows.push(row({ id: this.#nextId++, path, version, sizeBytes, server, cause: parkedBy, queuedAt: nowMs }));
      }
    });
    return { outcomes: planned, notes };
  }

  #plan(write: LocalWrite, nowMs: number): WriteOutcome {
    const existing = this.records.get(fold(write.path));
    if (existing?.kind === 'present') {
      if (existing.path !== write.path) return { outcome: 'caseTaken', existing };
      if (write.mode === 'create') {
        return existing.sha256 === write.sha256
          ? { outcome: 'same', record: existing }
          : { outcome: 'taken', existing };
      }
    }
    this.#clock = tick(existing === undefined ? this.#clock : observe(this.#clock, clockOf(existing.version)), nowMs);
    const { path, sha256, sizeBytes, mediaType, originalName } = write;
    const version = formatVersion(this.#clock, this.serverId);
    const record: PresentRecord = {
      kind: 'present',
      path,
      version,
      sha256,
      sizeBytes,
      mediaType,
      originalName,
      createdAt: nowMs,
    };
    return { outcome: 'stored', record };
  }

  async merge(writes: readonly MergeWrite[]): Promise<MergeOutcome[]> {
    await Promise.resolve();
    return writes.map(({ record, stagingName }) => {
      const ours = this.records.get(fold(record.path));
      if (ours !== undefined && ours.version >= record.version) {
        return { outcome: ours.version === record.version ? 'already' : 'older' };
      }
      this.records.set(fold(record.path), { ...record, stagingName });
      return { outcome: 'stored' };
    });
  }

  async clearStaging(items: readonly { path: string; version: string }[]): Promise<void> {
    await Promise.resolve();
    for (const { path, version } of items) {
      const record = this.records.get(fold(path));
      if (record?.version === version) this.records.set(fold(path), { ...record, stagingName: null });
    }
  }

  async listStaged(): Promise<CatalogRecord[]> {
    await Promise.resolve();
    return [...this.records.values()].filter(({ stagingName }) => stagingName !== null);
  }

  async find(path: string): Promise<CatalogRecord | undefined> {
    await Promise.resolve();
    const record = this.records.get(fold(path));
    return record?.path === path ? record : undefined;
  }

  async findAnyCase(path: string): Promise<CatalogRecord | undefined> {
    await Promise.resolve();
    return this.records.get(fold(path));
  }

  async findMany(paths: readonly string[]): Promise<ReadonlyMap<string, CatalogRecord>> {
    const found = await Promise.all(paths.map(async (path) => [path, await this.find(path)] as const));
    return new Map(found.filter((entry): entry is [string, CatalogRecord] => entry[1] !== undefined));
  }

  async findManyAnyCase(paths: readonly string[]): Promise<ReadonlyMap<string, CatalogRecord>> {
    const found = await Promise.all(paths.map(async (path) => [path, await this.findAnyCase(path)] as const));
    return new Map(found.filter((entry): entry is [string, CatalogRecord] => entry[1] !== undefined));
  }

  async findById(id: string): Promise<CatalogRecord | undefined> {
    await Promise.resolve();
    return [...this.records.values()].find((record) => record.kind === 'present' && record.path.startsWith(`${id}.`));
  }

  async findByHashes(sha256: readonly string[]): Promise<PresentRecord[]> {
    return (await this.#present()).filter((record) => sha256.includes(record.sha256));
  }

  async listImages({ prefix = '', search = '', after = '', limit }: ImageListQuery): Promise<PresentRecord[]> {
    const hits = (await this.#present()).filter(({ path, originalName }) => {
      return (
        fold(path).startsWith(fold(prefix)) && path > after && (path.includes(search) || originalName.includes(search))
      );
    });
    return hits.sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, limit);
  }

  async countImages(): Promise<number> {
    return (await this.#present()).length;
  }

  async #present(): Promise<PresentRecord[]> {
    await Promise.resolve();
    return [...this.records.values()].filter(
      (record): record is CatalogRecord & PresentRecord => record.kind === 'present',
    );
  }

  digestDays(view: DigestView) {
    return this.#repair.digestDays(view);
  }

  digestBuckets(view: DigestView, day: string) {
    return this.#repair.digestBuckets(view, day);
  }

  recountBuckets(day: string) {
    return this.#repair.recountBuckets(day);
  }

  /** Nothing is kept beside the records, so nothing can be wrong. */
  correctBuckets(): Promise<number> {
    return Promise.resolve(0);
  }

  listEntries(query: Parameters<Catalog['listEntries']>[0]) {
    return this.#repair.listEntries(query);
  }

  findEntries(query: Parameters<Catalog['findEntries']>[0]) {
    return this.#repair.findEntries(query);
  }

  takeDue(): Promise<never> {
    return Promise.reject(new Error('not in this fake'));
  }

  nextDueAt(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async settle(updates: readonly DeliveryUpdate[]): Promise<FailureNote[]> {
    await Promise.resolve();
    for (const { id, to } of updates) {
      const index = this.rows.findIndex((candidate) => candidate.id === id);
      const found = this.rows[index];
      if (found === undefined) continue;
      if (to.state === 'delivered') this.rows.splice(index, 1);
      else this.rows[index] = { ...found, ...to };
    }
    return [];
  }

  park(): Promise<never> {
    return Promise.reject(new Error('not in this fake'));
  }

  requeue(): Promise<never> {
    return Promise.reject(new Error('not in this fake'));
  }

  async listDeliveries(query: DeliveryListQuery): Promise<Delivery[]> {
    await Promise.resolve();
    return this.rows
      .filter((candidate) => candidate.id > query.afterId && matches(candidate, query))
      .slice(0, query.limit);
  }

  async deliveriesOf(path: string): Promise<Delivery[]> {
    await Promise.resolve();
    return this.rows.filter((candidate) => candidate.path === path);
  }

  async remember(facts: readonly Fact[]): Promise<void> {
    await Promise.resolve();
    for (const { name, value } of facts) {
      if (value === null) this.facts.delete(name);
      else this.facts.set(name, value);
    }
  }

  async recall(): Promise<ReadonlyMap<string, string>> {
    await Promise.resolve();
    return new Map(this.facts);
  }

  async summarize(): Promise<LedgerGroup[]> {
    await Promise.resolve();
    const groups = new Map<string, LedgerGroup>();
    for (const { server, state, cause, sizeBytes, queuedAt } of this.rows) {
      const key = `${server} ${state} ${cause?.code ?? ''}`;
      const group = groups.get(key) ?? { server, state, cause, count: 0, bytes: 0, oldestQueuedAt: queuedAt };
      const oldestQueuedAt = Math.min(group.oldestQueuedAt, queuedAt);
      groups.set(key, { ...group, count: group.count + 1, bytes: group.bytes + sizeBytes, oldestQueuedAt });
    }
    return [...groups.values()];
  }
}

function row(
  given: Pick<Delivery, 'id' | 'path' | 'version' | 'sizeBytes' | 'server' | 'cause' | 'queuedAt'>,
): Delivery {
  const state = given.cause === null ? 'pending' : 'parked';
  return { attempts: 0, nextAttemptAt: null, firstFailedAt: null, ...given, state };
}

function matches(candidate: Delivery, { server, cause, states, ids }: DeliveryFilter): boolean {
  return (
    (server === undefined || candidate.server === server) &&
    (cause === undefined || cause === (candidate.cause?.code ?? NO_CAUSE)) &&
    (states === undefined || states.includes(candidate.state)) &&
    (ids === undefined || ids.includes(candidate.id))
  );
}

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
