import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { ServerClock } from '@imagefleet/shared/common/image/server-clock.ts';
import type { QueueCounts } from './queue/queue-item.ts';
import { stepItems } from './queue/queue-steps.ts';
import type { TargetTurn } from './queue/upload-ports.ts';
import type { ByHand, EngineStatus, UploadEngineDeps } from './upload/engine-ports.ts';
import { HoldingNote } from './upload/holding.ts';
import { LookupError, PrepareLine, ROUND_FILES } from './upload/prepare-line.ts';
import { SendLine } from './upload/send-line.ts';
import { TakenItems } from './upload/taken-items.ts';

/** So many files are in hand at most, whatever the queue holds: the others are on the disk. */
const MAX_TAKEN = 16 * ROUND_FILES;

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
  readonly #note: HoldingNote;
  #work: AbortController | null = null;
  #preparing: Promise<void> | null = null;
  #pausing: Promise<void> | null = null;
  #isWanted = false;
  /** The queue failed since it was recovered last. */
  #isFaulty = false;
  #cancelWake: () => void = () => undefined;
  /** When each line has something again, milliseconds since the epoch. */
  #sendAt = Infinity;
  #prepareAt = Infinity;
  #asideUntil = 0;
  /** Somebody said, since the last round began, that there may be work. */
  #isWoken = false;
  #movedBytes = 0;
  #idle: (() => void)[] = [];

  constructor(deps: UploadEngineDeps) {
    this.#deps = deps;
    const { store, hash, lookup, now } = deps;
    this.#note = new HoldingNote({ now, onHolding: deps.onHolding });
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
      ...{ holding: this.#note.holding, movedBytes: this.#movedBytes, bytesUnderWay: this.#send.bytesUnderWay },
    };
  }

  resume(): void {
    this.#isWanted = true;
    if (this.#pausing === null) this.#begin();
  }

  /** What is under way is broken off, and settled when it goes on: it may have arrived. */
  pause(): Promise<void> {
    this.#isWanted = false;
    this.#work?.abort();
    this.#work = null;
    this.#cancelWake();
    this.#pausing ??= this.#settle();
    return this.#pausing;
  }

  /** Looks for work: something was added, a server is back, a time has come. */
  wake(): void {
    this.#deps.onChanged?.();
    if (this.#work === null) return;
    try {
      this.#look(this.#work.signal);
    } catch (error) {
      this.#fault(error);
    }
  }

  #look(signal: AbortSignal): void {
    this.#isWoken = true;
    if (this.#isAside()) {
      this.#schedule();
      return;
    }
    this.#sendAt = this.#send.pump(signal);
    if (this.#preparing === null && this.#hasRoom()) {
      this.#prepareAt = Infinity;
      this.#preparing = this.#prepareOn(signal)
        .then((at) => {
          this.#preparing = null;
          this.#prepareAt = at;
          if (this.#work === null) return;
          // Between its last look and now somebody may have said that there is work.
          if (this.#isWoken) this.wake();
          else this.#schedule();
          this.#tellIdle();
        })
        .catch((error: unknown) => this.#fault(error));
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

  /** After a change of many files at once: what nobody wants any more is broken off, and work is looked for. */
  changed(): void {
    this.#takeBack();
    this.wake();
  }

  /** Nothing new begins until then: something else has the disk and the processor for itself. Epoch milliseconds. */
  standAside(until: number): void {
    this.#asideUntil = until;
    this.wake();
  }

  /** Resolves when nothing is left that can be done without anybody asking. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#tellIdle();
    });
  }

  #begin(): void {
    if (this.#work === null) this.#note.clear();
    try {
      // What it had in hand stands in the queue as it was when the queue failed.
      if (this.#isFaulty) this.#deps.store.recover();
    } catch (error) {
      this.#fault(error);
      return;
    }
    this.#isFaulty = false;
    this.#work ??= new AbortController();
    this.wake();
  }

  /** Until nothing is in hand any more; what goes on before that would meet what is still in the old one's hands. */
  async #settle(): Promise<void> {
    await this.#preparing;
    await this.#send.drain();
    this.#pausing = null;
    if (this.#isWanted) this.#begin();
    else this.#deps.onChanged?.();
  }

  #takeBack(): void {
    this.#send.takeBack((key) => this.#deps.store.item(key)?.state === 'uploading');
  }

  #isAside(): boolean {
    return this.#deps.now() < this.#asideUntil;
  }

  #hasRoom(): boolean {
    return this.#send.waiting < ROUND_FILES && this.#taken.size < MAX_TAKEN;
  }

  /** Round after round while there is room; answers when it is worth beginning again, milliseconds since the epoch. */
  async #prepareOn(signal: AbortSignal): Promise<number> {
    const { target, store } = this.#deps;
    while (this.#hasRoom() && !this.#isAside() && !signal.aborted) {
      this.#isWoken = false;
      const turn = target.begin();
      if (turn === undefined) return target.openAt();
      try {
        const { ready, isEmpty } = await this.#prepare.round(turn.server, signal);
        if (isEmpty) {
          turn.dropped();
          // Something may have come while it was looked for.
          if (this.#wasWoken()) continue;
          return store.nextDueAt(this.#deps.now()) ?? Infinity;
        }
        turn.succeeded();
        this.#note.clear();
        this.#send.push(ready);
        if (!this.#isAside()) this.#sendAt = this.#send.pump(signal);
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
    if (error instanceof LookupError && !signal.aborted) {
      turn.failed(error.error, undefined);
      this.#note.hold(error.error);
      return true;
    }
    turn.dropped();
    if (!signal.aborted) this.#fault(error);
    return false;
  }

  #tried(error: FleetError | null): void {
    if (error === null) this.#note.clear();
    else if (this.#deps.target.current() === undefined) this.#note.hold(error);
  }

  /** Nothing goes on over a queue that does not keep what is told to it. */
  #fault(error: unknown): void {
    this.#isFaulty = true;
    void this.pause();
    this.#note.hold(error);
    this.#deps.onFault(error);
  }

  #schedule(): void {
    this.#cancelWake();
    const at = this.#isAside() ? this.#asideUntil : Math.min(this.#sendAt, this.#prepareAt);
    if (at === Infinity) return;
    this.#cancelWake = this.#deps.setTimer(() => this.wake(), Math.max(1, at - this.#deps.now()));
  }

  #tellIdle(): void {
    if (this.#idle.length === 0) return;
    const { queued, hashing, uploading, inDoubt } = this.#deps.store.counts();
    if (queued.files + hashing.files + uploading.files + inDoubt.files > 0 || this.#send.isSending) return;
    for (const tell of this.#idle.splice(0)) tell();
  }
}
