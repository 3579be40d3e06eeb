import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { DeliveryPolicy } from '@imagefleet/shared/common/delivery/step.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog, DeliveryFilter, DueDelivery, FailureNote } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import { MAX_BATCH_ENTRIES } from './batch-manifest.ts';
import type { PeerClient } from './peer-client.ts';
import { PeerGate } from './peer-gate.ts';
import type { PeerHealth } from './peer-health.ts';
import { PeerLedger } from './peer-ledger.ts';
import { pushBatch } from './push-lane.ts';
import { fitBatch, LARGE_BYTES } from './push-preparation.ts';
import type { PeerStatus, SettledDelivery } from './replication.ts';
import { watchedPush } from './watched-push.ts';

/**
 * Batches begin at most this often while uploads stream in: what arrives meanwhile shares the next one's request and
 * commits, which cost both servers more than a small image does. A lone upload never waits for it.
 */
const BATCH_INTERVAL_MS = 200;
/** Deliveries in a batch from which on uploads count as streaming in. */
const STREAM_ENTRIES = 4;
/** Large images that are remembered for their own slot; the ledger has the others. */
const MAX_LARGE_WAITING = 4;
/** A timer for a failed delivery sleeps at most so long, so that a clock that was set does not matter. */
const MAX_TIMER_MS = 60_000;
/** Pause after a failure of our own, such as a disk error in the catalog. */
const OWN_FAILURE_PAUSE_MS = 1_000;
/** How long `stop` waits for pushes on their way before it cuts them. */
const STOP_MS = 10_000;

export interface PeerLinkDeps {
  readonly name: string;
  readonly url: string;
  readonly client: PeerClient;
  readonly health: PeerHealth;
  /** Hears who the peer says it is, before it counts as up. Throws PEER_DUPLICATE. */
  readonly meet?: ((serverId: string) => Promise<void>) | undefined;
  readonly store: Pick<ImageStore, 'open' | 'read'>;
  readonly catalog: Catalog;
  /** Bytes of small images in one batch; a share of what all peers together may hold in memory. */
  readonly batchBytes: number;
  readonly policy: () => DeliveryPolicy;
  readonly note: (notes: readonly FailureNote[]) => void;
  readonly announce: (settled: readonly SettledDelivery[]) => void;
  readonly onChanged: (status: PeerStatus) => void;
  readonly logger: Logger;
}

/**
 * Brings this server's images to one peer: takes due deliveries oldest first, sends them in batches, and one large
 * image beside them, so that 200 MB do not stand in front of thumbnails. Nothing is sent before the first signed hello.
 */
export class PeerLink {
  readonly #deps: PeerLinkDeps;
  readonly #gate: PeerGate;
  readonly #ledger: PeerLedger;
  readonly #cut = new AbortController();
  readonly #inflight = new Map<number, DueDelivery>();
  readonly #background = new Set<Promise<void>>();
  #largeWaiting: DueDelivery[] = [];
  #isSending = false;
  #isSendingLarge = false;
  /** Something may be due that the running loop has not seen. */
  #isDirty = false;
  #isStopping = false;
  #timer: NodeJS.Timeout | undefined;
  /** The last batch had no room for all that was due. */
  #isBatchFull = false;
  /** Rows that one look at the ledger asks for: about as many as fit into a batch at the size images had last. */
  #lookLimit = 64;
  /** Replays that requeue what they chose before the rest is released. */
  #replays = 0;
  #isReleaseOwed = false;

  constructor(deps: PeerLinkDeps) {
    this.#deps = deps;
    const isHeld = (id: number): boolean => this.#inflight.has(id) || this.#largeWaiting.some((one) => one.id === id);
    this.#ledger = new PeerLedger({ ...deps, server: deps.name, isHeld });
    this.#gate = new PeerGate({
      ...{ name: deps.name, health: deps.health },
      hello: async (signal) => {
        const { serverId } = await deps.client.hello(signal);
        await deps.meet?.(serverId);
      },
      random: () => deps.policy().random(),
      onPark: (cause) => this.#inBackground(() => this.#ledger.park(cause)),
      onRelease: () => this.release(),
      onTry: () => this.release(),
      onChanged: () => this.#changed(),
    });
  }

  start(): void {
    this.#gate.start();
  }

  /** Waits for pushes on their way, cuts them after a limit, and closes the connections. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#gate.stop();
    const late = setTimeout(() => this.#cut.abort(), STOP_MS);
    while (this.#background.size > 0) await Promise.all(this.#background);
    clearTimeout(late);
    this.#deps.client.close();
  }

  get status(): PeerStatus {
    const { state, parkingCause: cause } = this.#gate;
    return { name: this.#deps.name, url: this.#deps.url, state, cause };
  }

  /** Why new deliveries are born parked; null when they flow. */
  get parkingCause(): DeliveryCause | null {
    return this.#gate.parkingCause;
  }

  get inflight(): ReadonlyMap<number, DueDelivery> {
    return this.#inflight;
  }

  /** Something may be due. */
  wake(): void {
    this.#isDirty = true;
    if (!this.#isOpen || this.#isSending) return;
    this.#isSending = true;
    this.#inBackground(async () => {
      try {
        await this.#send();
      } finally {
        this.#isSending = false;
      }
      // What came between the loop's last look and its end.
      if (this.#isDirty) this.wake();
    });
  }

  /** Lets go what is parked, or a few of it while that is a trial, if that is automatic here, and wakes up. */
  release(): void {
    if (this.#replays > 0) {
      this.#isReleaseOwed = true;
      return;
    }
    this.#inBackground(async () => {
      const { isTrial } = this.#gate;
      if (this.#deps.policy().autoRetry) await this.#ledger.release(isTrial ? MAX_BATCH_ENTRIES : undefined);
      // A replay may have let others go.
      if (isTrial && (await this.#due({ limit: 1 })).length === 0) this.#gate.nothingToTry();
      this.wake();
    });
  }

  /** Asks the peer, and requeues what matches when it takes copies; the ids, or undefined when it does not. */
  async replay(filter: DeliveryFilter): Promise<readonly number[] | undefined> {
    // The question may end the peer's being down, which releases everything; what was chosen must be counted before that.
    this.#replays += 1;
    try {
      if (!(await this.#gate.askNow())) return undefined;
      return await this.#ledger.replay(filter);
    } finally {
      this.#replays -= 1;
      if (this.#replays === 0 && this.#isReleaseOwed) {
        this.#isReleaseOwed = false;
        this.release();
      }
      this.wake();
    }
  }

  get #isOpen(): boolean {
    return this.#gate.isOpen && !this.#isStopping;
  }

  async #send(): Promise<void> {
    while (this.#isOpen && this.#isDirty) {
      this.#isDirty = false;
      const batch = await this.#takeBatch();
      if (batch.length === 0) {
        await this.#ledger.announceEnded();
        await this.#planNextDue();
        continue;
      }
      this.#isDirty = true;
      // A full batch has left others behind: they go at once.
      const isStream = batch.length >= STREAM_ENTRIES && !this.#isBatchFull;
      const pause = isStream ? sleep(BATCH_INTERVAL_MS) : undefined;
      await this.#push(batch);
      await pause;
    }
  }

  async #takeBatch(): Promise<readonly DueDelivery[]> {
    const { batchBytes } = this.#deps;
    // Remembered before the look: a large image that is settled meanwhile may still stand in its answer.
    const held = new Set([...this.#inflight.keys(), ...this.#largeWaiting.map(({ id }) => id)]);
    const limit = this.#lookLimit + held.size;
    const rows = await this.#due({ limit });
    const fresh = rows.filter(({ id }) => !held.has(id));
    this.#queueLarge(fresh.filter(({ sizeBytes }) => sizeBytes > LARGE_BYTES));
    let small = fresh.filter(({ sizeBytes }) => sizeBytes <= LARGE_BYTES);
    if (small.length === 0 && rows.length >= limit) {
      small = [...(await this.#due({ limit: this.#lookLimit, upToBytes: LARGE_BYTES }))];
    }
    const batch = small.slice(0, fitBatch(small, { bytes: batchBytes, count: MAX_BATCH_ENTRIES }));
    this.#isBatchFull = batch.length < small.length;
    const bytes = batch.reduce((sum, { sizeBytes }) => sum + sizeBytes, 1);
    const expected = Math.ceil((1.25 * batchBytes * batch.length) / bytes);
    if (batch.length > 0) this.#lookLimit = Math.max(16, Math.min(MAX_BATCH_ENTRIES, expected));
    return batch;
  }

  #due(bounds: { readonly limit: number; readonly upToBytes?: number }): Promise<readonly DueDelivery[]> {
    const { catalog, name, policy } = this.#deps;
    const { nowMs, autoRetry } = policy();
    return catalog.takeDue({ server: name, nowMs, withFailed: autoRetry, ...bounds });
  }

  #queueLarge(large: readonly DueDelivery[]): void {
    this.#largeWaiting.push(...large.slice(0, MAX_LARGE_WAITING - this.#largeWaiting.length));
    if (this.#isSendingLarge || this.#largeWaiting.length === 0) return;
    this.#isSendingLarge = true;
    this.#inBackground(async () => {
      try {
        for (let next = this.#nextLarge(); next !== undefined; next = this.#nextLarge()) await this.#push([next]);
      } finally {
        this.#largeWaiting = [];
        this.#isSendingLarge = false;
      }
      this.wake();
    });
  }

  #nextLarge(): DueDelivery | undefined {
    return this.#isOpen ? this.#largeWaiting.shift() : undefined;
  }

  async #push(batch: readonly DueDelivery[]): Promise<void> {
    for (const delivery of batch) this.#inflight.set(delivery.id, delivery);
    try {
      const watched = watchedPush(batch, { client: this.#deps.client, gate: this.#gate });
      await pushBatch(batch, { ...this.#deps, ...watched, ledger: this.#ledger, signal: this.#cut.signal });
    } finally {
      for (const { id } of batch) this.#inflight.delete(id);
    }
  }

  async #planNextDue(): Promise<void> {
    const { catalog, name, policy } = this.#deps;
    const { nowMs, autoRetry } = policy();
    clearTimeout(this.#timer);
    const dueAt = autoRetry ? await catalog.nextDueAt(name) : undefined;
    if (dueAt === undefined || this.#isStopping) return;
    // Then it is among those on their way, and the end of the large image wakes us.
    if (dueAt <= nowMs && (this.#inflight.size > 0 || this.#largeWaiting.length > 0)) return;
    this.#timer = setTimeout(() => this.wake(), Math.max(0, Math.min(MAX_TIMER_MS, dueAt - nowMs)));
  }

  #changed(): void {
    const { status } = this;
    const { logger, onChanged } = this.#deps;
    if (status.cause !== null) logger.warn('peer.down', { state: status.state, ...status.cause });
    else logger.info('peer.state', { state: status.state });
    onChanged(status);
  }

  /** Failures here are our own (catalog, disk): the ledger still has everything, so look again after a pause. */
  #inBackground(work: () => Promise<void>): void {
    const running = work()
      .catch(async (error: unknown) => {
        if (this.#isStopping) return;
        this.#deps.logger.error('replica.loopFailed', { error });
        await sleep(OWN_FAILURE_PAUSE_MS);
        this.wake();
      })
      .finally(() => this.#background.delete(running));
    this.#background.add(running);
  }
}
