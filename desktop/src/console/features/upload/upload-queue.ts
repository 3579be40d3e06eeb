import type { Replica } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { TransferSpeed } from '@imagefleet/shared/common/time/transfer-speed.ts';
import { HashLine } from './hash-line.ts';
import { Hold, type Holding } from './hold.ts';
import { isOpen, isRepeatable, isSettled } from './item-states.ts';
import { ItemTable } from './item-table.ts';
import { LookupLine } from './lookup-line.ts';
import { OpenLine } from './open-line.ts';
import type { QueuePorts } from './queue-ports.ts';
import { SendLine } from './send-line.ts';
import { ServerClock } from './server-clock.ts';
import type { Tally } from './tally.ts';
import { askedAgain, type ChosenFile, type UploadItem } from './upload-item.ts';
import { ViewTeller } from './view-teller.ts';

/** While something is under way speeds and countdowns go on also when nothing moves. */
const TICK_MS = 1000;
/** Nothing of a file that is not to be sent is on its way, and no try of it is near. */
const LEFT = { sentBytes: 0, retryAt: null } as const;

/** What the page shows; a new object when anything has changed. */
export interface QueueView {
  /** Epoch milliseconds; what countdowns are shown by. */
  readonly at: number;
  readonly order: readonly number[];
  readonly tally: Tally;
  readonly isPaused: boolean;
  /** Why nothing goes out at the moment, or, until the next success, why it did not. */
  readonly holding: Holding | null;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/**
 * The uploads of one operator: fingerprint, look-up, sending, each in its own line. Lives outside of the pages, so that
 * work goes on whatever is looked at.
 */
export class UploadQueue {
  readonly #ports: QueuePorts;
  readonly #table = new ItemTable(() => this.#teller.changed());
  readonly #speed = new TransferSpeed();
  readonly #hold: Hold;
  readonly #opening: OpenLine;
  readonly #hashing: HashLine;
  readonly #asking: LookupLine;
  readonly #sending: SendLine;
  readonly #teller: ViewTeller<QueueView>;
  readonly #end = new AbortController();
  #moved = { bytes: 0, files: 0 };
  #isPaused = false;
  #isSuspended = false;
  #stopWaking: () => void = () => undefined;
  #stopTick: (() => void) | null = null;

  constructor(ports: QueuePorts) {
    this.#ports = ports;
    this.#hold = new Hold(ports.random);
    const table = this.#table;
    const hold = this.#hold;
    const clock = new ServerClock();
    const isPaused = (): boolean => this.#isStill;
    const onSettled = (): void => this.#pump();
    this.#opening = new OpenLine({ table, nextTurn: ports.nextTurn, onOpened: (key) => this.#toHash(key) });
    this.#hashing = new HashLine({ table, hash: ports.hash, isPaused, onHashed: (key) => this.#onHashed(key) });
    this.#asking = new LookupLine({
      ...{ table, lookup: ports.lookup, now: ports.now, hold, clock, isPaused, onSettled },
      onUnknown: (key) => this.#sending.push(key),
    });
    const onMoved = (bytes: number, files: number): void => {
      this.#moved = { bytes: this.#moved.bytes + bytes, files: this.#moved.files + files };
    };
    this.#sending = new SendLine({
      ...{ table, ports, hold, clock, isPaused, onMoved, onSettled },
      onLookAgain: (key) => this.#asking.push(key),
    });
    this.#teller = new ViewTeller({ look: () => this.#look(), setTimer: ports.setTimer });
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => this.#teller.subscribe(listener);
  readonly view = (): QueueView => this.#teller.view();

  item(key: number): UploadItem | undefined {
    return this.#table.get(key);
  }

  /** In the order in which they came. */
  items(): Iterable<UploadItem> {
    return this.#table.items();
  }

  /** Something would be lost if the page were closed. */
  get hasWork(): boolean {
    return this.#table.tally.openFiles > 0;
  }

  /** Aborted by the end; for whatever works for this queue. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  add(files: readonly ChosenFile[]): void {
    // A folder may still be read when its operator has left.
    if (this.ended.aborted) return;
    // The time without work says nothing about the line.
    if (!this.hasWork) this.#speed.reset();
    for (const key of this.#table.add(files)) this.#begin(key);
    this.#pump();
  }

  /** What is on its way is broken off and begins anew later, under the same id. */
  pause(): void {
    this.#isPaused = true;
    this.#breakOff();
  }

  resume(): void {
    this.#isPaused = false;
    this.#speed.reset();
    this.#teller.changed();
    this.#pump();
  }

  /** Nobody is logged in: nothing goes out, and no try is spent, until `goOn`. A pause by hand outlasts both. */
  suspend(): void {
    this.#isSuspended = true;
    this.#breakOff();
  }

  goOn(): void {
    if (!this.#isSuspended) return;
    this.#isSuspended = false;
    this.#speed.reset();
    this.#teller.changed();
    this.wake();
  }

  pauseOne(key: number): void {
    this.#leave(key, 'paused');
  }

  cancel(key: number): void {
    this.#leave(key, 'cancelled');
  }

  cancelAll(): void {
    const open = [...this.#table.items()].filter(({ state }) => isOpen(state));
    // All first: one that is stopped lets its twins go on.
    for (const { key } of open) this.#table.patch(key, { ...LEFT, state: 'cancelled' });
    for (const { key } of open) this.#stop(key);
    this.#isPaused = false;
    this.#hold.succeed();
    this.#pump();
  }

  /** Nothing goes out any more, and nothing is taken. */
  end(): void {
    this.cancelAll();
    this.#end.abort();
  }

  /** A failed, cancelled or paused file again. */
  retry(key: number): void {
    this.#again((item) => item.key === key);
  }

  retryAll(): void {
    this.#again((item) => item.state === 'failed');
  }

  /** Sends what the fleet has already once more: it becomes an image of its own. */
  sendAnyway(key: number): void {
    const item = this.#table.get(key);
    if (item?.state !== 'present' || this.ended.aborted) return;
    this.#table.put({ ...askedAgain(item), image: null, isForced: true });
    this.#sending.push(key);
    this.#pump();
  }

  /** The line may be there again: no wait is waited out. */
  wake(): void {
    this.#hold.release(this.#ports.now());
    this.#sending.hurry();
    this.#pump();
  }

  /** Takes out of the list what is over and well, and what was cancelled. */
  clear(): void {
    this.#table.removeWhere(({ state }) => isSettled(state) || state === 'cancelled');
  }

  /** An event told how one copy stands now. */
  noteReplica(path: string, replica: Replica): void {
    this.#table.patchReplicas(path, (all) => all.map((one) => (one.server === replica.server ? replica : one)));
  }

  /** Somebody asked for the whole receipt. */
  noteReplicas(path: string, replicas: readonly Replica[]): void {
    this.#table.patchReplicas(path, () => replicas);
  }

  get #isStill(): boolean {
    return this.#isPaused || this.#isSuspended;
  }

  #breakOff(): void {
    this.#sending.takeBack();
    this.#speed.reset();
    this.#teller.changed();
  }

  /** A file goes to the line in which its work begins. */
  #begin(key: number): void {
    if (this.#table.get(key)?.file === null) this.#opening.push(key);
    else this.#hashing.push(key);
  }

  #toHash(key: number): void {
    this.#hashing.push(key);
    this.#hashing.pump();
  }

  #onHashed(key: number): void {
    this.#asking.push(key);
    this.#pump();
  }

  #again(isMeant: (item: UploadItem) => boolean): void {
    if (this.ended.aborted) return;
    for (const item of this.#table.items()) {
      if (!isRepeatable(item.state) || !isMeant(item)) continue;
      const next = askedAgain(item);
      this.#table.put(next);
      if (next.sha256 === null) this.#begin(next.key);
      // By its id the server knows what it has of it; bytes that came in by another way meanwhile are found as well.
      else if (next.isForced) this.#sending.push(next.key);
      else this.#asking.push(next.key);
    }
    this.#pump();
  }

  #leave(key: number, state: 'paused' | 'cancelled'): void {
    const item = this.#table.get(key);
    if (item === undefined || !isOpen(item.state)) return;
    this.#table.patch(key, { ...LEFT, state });
    this.#stop(key);
    this.#pump();
  }

  #stop(key: number): void {
    this.#hashing.stop(key);
    this.#sending.stop(key);
  }

  #pump(): void {
    this.#opening.pump();
    this.#hashing.pump();
    this.#asking.pump();
    this.#sending.pump();
    this.#planWake();
    this.#planTick();
  }

  #planWake(): void {
    this.#stopWaking();
    const now = this.#ports.now();
    const heldUntil = this.#hold.at(now)?.until;
    const at = heldUntil ?? Math.min(this.#sending.nextDueAt, this.#asking.nextDueAt);
    if (at === Infinity || this.#isStill) return;
    this.#stopWaking = this.#ports.setTimer(() => this.#pump(), Math.max(0, at - now));
  }

  #planTick(): void {
    if (this.#stopTick !== null || !this.hasWork || this.#isStill) return;
    this.#stopTick = this.#ports.setTimer(() => {
      this.#stopTick = null;
      this.#teller.changed();
      this.#planTick();
    }, TICK_MS);
  }

  #look(): QueueView {
    const { tally, order } = this.#table;
    const at = this.#ports.now();
    if (!this.#isStill) this.#speed.note(at, this.#moved);
    return {
      at,
      ...{ order, tally, isPaused: this.#isPaused, holding: this.#hold.holding },
      bytesPerSecond: this.#speed.bytesPerSecond(),
      secondsLeft: this.#speed.secondsFor({ bytes: tally.openBytes, files: tally.openFiles }),
    };
  }
}
