import type { StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { failureOf, judge } from './failure-of.ts';
import { Fifo } from './fifo.ts';
import { retryDelayMs, type Hold } from './hold.ts';
import { isRunning } from './item-states.ts';
import type { ItemTable } from './item-table.ts';
import type { QueuePorts } from './queue-ports.ts';
import type { ServerClock } from './server-clock.ts';
import { Twins } from './twins.ts';
import type { FleetImage, UploadItem } from './upload-item.ts';

/** A browser opens six connections to a server; events and the rest of the console need theirs. */
const MAX_WEIGHT = 4;
/** From here on two at once fill any line. */
const LARGE_BYTES = 16 * 1024 * 1024;

interface Options {
  readonly table: ItemTable;
  readonly ports: QueuePorts;
  readonly hold: Hold;
  readonly clock: ServerClock;
  readonly isPaused: () => boolean;
  /** Bytes that went out, and files that arrived, for the speed. */
  readonly onMoved: (bytes: number, files: number) => void;
  readonly onSettled: () => void;
  /** A file whose bytes may have come in meanwhile, by one that was broken off. */
  readonly onLookAgain: (key: number) => void;
}

interface Running {
  readonly controller: AbortController;
  readonly weight: number;
}

/** Files that are to be sent, a few at a time, each by the id that it keeps. */
export class SendLine {
  readonly #options: Options;
  readonly #waiting = new Fifo<number>();
  readonly #later = new Map<number, number>();
  readonly #running = new Map<number, Running>();
  readonly #twins = new Twins();

  constructor(options: Options) {
    this.#options = options;
  }

  push(key: number): void {
    this.#waiting.push(key);
  }

  /** When the next file that waits for its retry is due; Infinity without one. */
  get nextDueAt(): number {
    let next = Infinity;
    for (const at of this.#later.values()) next = Math.min(next, at);
    return next;
  }

  /** Everything that waits for a retry may go now. */
  hurry(): void {
    for (const key of this.#later.keys()) this.#later.set(key, 0);
  }

  /** The file is not to be sent any more or not now; its state says so already. */
  stop(key: number): void {
    this.#running.get(key)?.controller.abort();
    this.#running.delete(key);
    this.#later.delete(key);
    this.#releaseTwins(key);
  }

  /** All that is on its way goes back to the head of the line: what a standstill of the whole queue does. */
  takeBack(): void {
    const keys = [...this.#running.keys()];
    for (const { controller } of this.#running.values()) controller.abort();
    this.#running.clear();
    for (const key of keys) this.#options.table.patch(key, { state: 'queued', sentBytes: 0 });
    this.#waiting.unshift(keys);
  }

  pump(): void {
    const { hold, ports, isPaused } = this.#options;
    const now = ports.now();
    if (isPaused() || hold.at(now) !== null) return;
    this.#takeDue(now);
    while (this.#startNext());
  }

  #takeDue(now: number): void {
    for (const [key, at] of this.#later) {
      if (at > now) continue;
      this.#later.delete(key);
      this.#waiting.push(key);
    }
  }

  /** Answers whether there may be another one to start. */
  #startNext(): boolean {
    const { table, hold } = this.#options;
    const key = this.#waiting.peek();
    if (key === undefined) return false;
    const item = table.get(key);
    const file = item?.file;
    if (!file || !this.#canGo(item)) {
      this.#waiting.shift();
      return true;
    }
    const weight = item.sizeBytes >= LARGE_BYTES ? 2 : 1;
    // After a failure one file shows whether it goes again.
    const isFull = hold.holding !== null ? this.#running.size > 0 : this.#weight() + weight > MAX_WEIGHT;
    if (isFull) return false;
    this.#waiting.shift();
    void this.#run(item, file, weight);
    return true;
  }

  #canGo(item: UploadItem): boolean {
    const { key, state, sha256 } = item;
    return state === 'queued' && sha256 !== null && !this.#later.has(key) && !this.#waitsForTwin(item);
  }

  #weight(): number {
    let sum = 0;
    for (const { weight } of this.#running.values()) sum += weight;
    return sum;
  }

  /** Settles or parks a file whose bytes another one of the queue has. */
  #waitsForTwin({ key, sha256, isForced }: UploadItem): boolean {
    const { table } = this.#options;
    if (sha256 === null || isForced) return false;
    const first = this.#twins.firstOf(sha256, key, (one) => {
      const item = table.get(one);
      return item !== undefined && (isRunning(item.state) || item.state === 'done');
    });
    const image = first === null ? undefined : table.get(first)?.image;
    if (first === null) return false;
    if (image) table.patch(key, { state: 'present', failure: null, image });
    else this.#twins.wait(sha256, key);
    return true;
  }

  async #run(item: UploadItem, file: File, weight: number): Promise<void> {
    const { table, ports, hold, clock, onMoved, onSettled } = this.#options;
    const { key, name } = item;
    const controller = new AbortController();
    this.#running.set(key, { controller, weight });
    const id = item.id ?? clock.newId(ports.now(), ports.uuid());
    const attempts = item.attempts + 1;
    table.patch(key, { state: 'uploading', id, attempts, sentBytes: 0, retryAt: null });
    let mostBytes = 0;
    const onProgress = (sentBytes: number): void => {
      if (controller.signal.aborted || sentBytes <= mostBytes) return;
      onMoved(sentBytes - mostBytes, 0);
      mostBytes = sentBytes;
      table.patch(key, { sentBytes });
    };
    try {
      const { signal } = controller;
      const image = await ports.upload({ file, name, id, signal, onProgress });
      if (controller.signal.aborted) return;
      hold.succeed();
      onMoved(file.size - mostBytes, 1);
      this.#running.delete(key);
      table.patch(key, { state: 'done', failure: null, sha256: image.sha256, image: imageOf(image) });
    } catch (error) {
      if (controller.signal.aborted) return;
      const trueError = await realCause(error, file);
      // The wait for the disk may have seen a cancel.
      if (isAborted(controller.signal)) return;
      this.#running.delete(key);
      this.#fail(key, trueError, attempts);
    }
    this.#releaseTwins(key);
    onSettled();
  }

  #fail(key: number, error: unknown, attempts: number): void {
    const { table, ports, hold } = this.#options;
    const failure = failureOf(error);
    if (judge(error, attempts) === 'fail') {
      // It answered, and the next file may well be a better one.
      if (failure.code !== 'FILE_UNREADABLE') hold.succeed();
      table.patch(key, { state: 'failed', failure, sentBytes: 0 });
      return;
    }
    const now = ports.now();
    hold.fail(failure, now);
    const retryAt = now + retryDelayMs(attempts, ports.random);
    this.#later.set(key, retryAt);
    table.patch(key, { state: 'queued', failure, sentBytes: 0, retryAt });
  }

  /** A file that waits for its retry still goes first; every other end lets the others go on. */
  #releaseTwins(key: number): void {
    const item = this.#options.table.get(key);
    if (!item?.sha256 || this.#later.has(key)) return;
    for (const other of this.#twins.release(item.sha256, key)) {
      if (item.state === 'done') this.#waiting.push(other);
      else this.#options.onLookAgain(other);
    }
  }
}

/** A file that was changed or removed meanwhile looks to the browser like a lost connection. */
async function realCause(error: unknown, file: File): Promise<unknown> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return error;
  } catch (unreadable) {
    return unreadable;
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function imageOf({ path, link, replicas }: StoredImage): FleetImage {
  return { path, link, replicas };
}
