import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { ServerClock } from '@imagefleet/shared/common/image/server-clock.ts';
import { OPEN_STATES, type ItemState, type QueueCounts } from './queue/queue-item.ts';
import { stepItems } from './queue/queue-steps.ts';
import type { HashFiles, Lookup, Sender, TargetChoice, TargetTurn } from './queue/upload-ports.ts';
import { MAX_CHANGES, type UploadQueueStore } from './queue/upload-queue-store.ts';
import type { Paces } from './upload/pace.ts';
import { PrepareLine, ROUND_FILES } from './upload/prepare-line.ts';
import type { ServerLimits } from './upload/request-plan.ts';
import { SendLine } from './upload/send-line.ts';
import { TakenItems } from './upload/taken-items.ts';

/** So many files are in hand at most, whatever the queue holds: the others are on the disk. */
const MAX_TAKEN = 4 * ROUND_FILES;

export interface UploadEngineDeps {
  readonly store: UploadQueueStore;
  readonly hash: HashFiles;
  readonly lookup: Lookup;
  readonly sender: Sender;
  readonly target: TargetChoice;
  readonly paces: Paces;
  readonly limits: ServerLimits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  readonly uuid: () => string;
  /** Returns its own cancel. */
  readonly setTimer: (run: () => void, ms: number) => () => void;
  /** Something has changed; called often. */
  readonly onChanged?: () => void;
  /** Nobody else hears of it: a disk that fails under the queue, a fault of ours. The engine stands still then. */
  readonly onFault: (error: unknown) => void;
  /** From now on nothing goes out; told once, until something does. */
  readonly onHolding?: (error: FleetError) => void;
}

/** Why nothing goes out. */
export interface Holding {
  readonly code: FleetError['code'];
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface EngineStatus {
  readonly counts: QueueCounts;
  readonly isPaused: boolean;
  readonly holding: Holding | null;
  /** Bytes that went out since the start. */
  readonly movedBytes: number;
  /** Of them, those of files that are not there yet. */
  readonly bytesUnderWay: number;
}

/** What people do with single files. */
type ByHand = 'pausedByHand' | 'resumed' | 'cancelled' | 'retried' | 'forced';

/**
 * Takes the files of the queue to the fleet: fingerprint, look-up, sending. What is in memory is what is in hand; the
 * queue itself is on the disk, and whatever happens to this process, the next one goes on from there.
 */
export class UploadEngine {
  readonly #deps: UploadEngineDeps;
  readonly #taken = new TakenItems();
  readonly #clock = new ServerClock();
  readonly #prepare: PrepareLine;
  readonly #send: SendLine;
  #work: AbortController | null = null;
  #preparing: Promise<void> | null = null;
  #cancelWake: () => void = () => undefined;
  /** When each line has something again, milliseconds since the epoch. */
  #sendAt = Infinity;
  #prepareAt = Infinity;
  /** Somebody said, since the last round began, that there may be work. */
  #isWoken = false;
  #holding: Holding | null = null;
  #movedBytes = 0;
  #idle: (() => void)[] = [];

  constructor(deps: UploadEngineDeps) {
    this.#deps = deps;
    const { store, hash, lookup, now } = deps;
    this.#prepare = new PrepareLine({
      ...{ store, hash, lookup, now, taken: this.#taken },
      onClock: (clock) => this.#clock.set(clock, now()),
    });
    this.#send = new SendLine({
      ...{ ...deps, taken: this.#taken },
      newId: () => this.#clock.newId(now(), deps.uuid()),
      onMoved: (bytes) => (this.#movedBytes += bytes),
      onTried: (error) => this.#tried(error),
      onFault: (error) => this.#fault(error),
      onChanged: () => this.wake(),
    });
  }

  /** What the last run left is taken up, and goes on unless it shall stay paused; answers how it stands. */
  start({ isPaused }: { readonly isPaused: boolean }): QueueCounts {
    const counts = this.#deps.store.recover();
    if (!isPaused) this.resume();
    return counts;
  }

  get status(): EngineStatus {
    const { store } = this.#deps;
    return {
      ...{ counts: store.counts(), isPaused: this.#work === null },
      ...{ holding: this.#holding, movedBytes: this.#movedBytes, bytesUnderWay: this.#send.bytesUnderWay },
    };
  }

  resume(): void {
    if (this.#work === null) this.#holding = null;
    this.#work ??= new AbortController();
    this.wake();
  }

  /** What is under way is broken off, and settled when it goes on: it may have arrived. */
  async pause(): Promise<void> {
    this.#work?.abort();
    this.#work = null;
    this.#cancelWake();
    await this.#preparing;
    await this.#send.drain();
    this.#deps.onChanged?.();
  }

  /** Looks for work: something was added, a server is back, a time has come. */
  wake(): void {
    this.#deps.onChanged?.();
    if (this.#work === null) return;
    const { signal } = this.#work;
    this.#sendAt = this.#send.pump(signal);
    this.#isWoken = true;
    if (this.#preparing === null && this.#hasRoom()) {
      this.#prepareAt = Infinity;
      this.#preparing = this.#prepareOn(signal).then((at) => {
        this.#preparing = null;
        this.#prepareAt = at;
        if (!signal.aborted) this.#schedule();
        this.#tellIdle();
      });
    }
    this.#schedule();
    this.#tellIdle();
  }

  /** Bytes of a file that went out so far; undefined when it is not under way. */
  sentBytes(key: number): number | undefined {
    return this.#send.sentBytes(key);
  }

  /** What somebody wants of files; those of which it makes no sense are left as they are. At most MAX_CHANGES keys. */
  tell(keys: readonly number[], kind: ByHand): void {
    const { store } = this.#deps;
    stepItems(
      store,
      keys.map((key) => [key, { kind }]),
    );
    if (kind === 'pausedByHand' || kind === 'cancelled') this.#takeBack();
    this.wake();
  }

  /** Everything that is not in the fleet yet is given up; what failed stays in sight. */
  async cancelAll(): Promise<void> {
    for (let moved = 1; moved > 0;) {
      moved = 0;
      // Meanwhile a file may go on from one state to another that was looked at already.
      for (const state of [...OPEN_STATES, 'paused'] as const) moved += await this.moveAll(state, 'cancelled');
    }
    this.#takeBack();
  }

  /** What waits for its next try is tried at once. */
  async retryWaiting(): Promise<void> {
    const { store } = this.#deps;
    for (const state of ['queued', 'inDoubt'] as const) {
      while (store.retryNow(state) === MAX_CHANGES) await new Promise((resolve) => setImmediate(resolve));
    }
    this.wake();
  }

  /** Takes the oldest files out of the list that are done with, beyond so many. */
  async trimHistory(limit: number): Promise<void> {
    while (this.#deps.store.trimHistory(limit) === MAX_CHANGES) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** All files of one state, a transaction at a time, so that the rest of the program has its turns. */
  async moveAll(from: ItemState, to: ItemState): Promise<number> {
    let total = 0;
    for (;;) {
      const moved = this.#deps.store.move(from, to);
      total += moved;
      if (moved < MAX_CHANGES) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.wake();
    return total;
  }

  /** Resolves when nothing is left that can be done without anybody asking. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#tellIdle();
    });
  }

  #takeBack(): void {
    this.#send.takeBack((key) => this.#deps.store.item(key)?.state === 'uploading');
  }

  #hasRoom(): boolean {
    return this.#send.waiting < ROUND_FILES && this.#taken.size < MAX_TAKEN;
  }

  /** Round after round while there is room; answers when it is worth beginning again, milliseconds since the epoch. */
  async #prepareOn(signal: AbortSignal): Promise<number> {
    const { target, store } = this.#deps;
    while (this.#hasRoom()) {
      this.#isWoken = false;
      const turn = target.begin();
      if (turn === undefined) return target.openAt();
      try {
        const { ready, isEmpty } = await this.#prepare.round(turn.server, signal);
        if (isEmpty) {
          turn.dropped();
          // Something may have come while it was looked for.
          if (this.#wasWoken()) continue;
          return store.nextDueAt() ?? Infinity;
        }
        turn.succeeded();
        this.#holding = null;
        this.#send.push(ready);
        this.#sendAt = this.#send.pump(signal);
        this.#deps.onChanged?.();
      } catch (error) {
        if (!this.#prepareFailed(error, turn, signal)) return Infinity;
      }
    }
    return Infinity;
  }

  #wasWoken(): boolean {
    return this.#isWoken;
  }

  /** Answers whether to go on. */
  #prepareFailed(error: unknown, turn: TargetTurn, signal: AbortSignal): boolean {
    if (signal.aborted) {
      turn.dropped();
      return false;
    }
    if (!(error instanceof FleetError)) {
      turn.dropped();
      this.#fault(error);
      return false;
    }
    turn.failed(error, undefined);
    this.#hold(error);
    return true;
  }

  #tried(error: FleetError | null): void {
    if (error === null) this.#holding = null;
    else if (this.#deps.target.current() === undefined) this.#hold(error);
  }

  #hold(error: FleetError): void {
    if (this.#holding === null) this.#deps.onHolding?.(error);
    const { code, message } = error;
    this.#holding = { code, message, since: this.#holding?.since ?? this.#deps.now() };
  }

  /** Nothing goes on over a queue that does not keep what is told to it. */
  #fault(error: unknown): void {
    this.#work?.abort();
    this.#work = null;
    this.#cancelWake();
    this.#hold(error instanceof FleetError ? error : new FleetError('INTERNAL', String(error), { cause: error }));
    this.#deps.onFault(error);
  }

  #schedule(): void {
    this.#cancelWake();
    const at = Math.min(this.#sendAt, this.#prepareAt);
    if (at === Infinity) return;
    this.#cancelWake = this.#deps.setTimer(() => this.wake(), Math.max(1, at - this.#deps.now()));
  }

  #tellIdle(): void {
    const { queued, hashing, uploading, inDoubt } = this.#deps.store.counts();
    if (queued.files + hashing.files + uploading.files + inDoubt.files > 0 || this.#send.isSending) return;
    for (const tell of this.#idle.splice(0)) tell();
  }
}
