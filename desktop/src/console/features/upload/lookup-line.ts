import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import { failureOf } from './failure-of.ts';
import { Fifo } from './fifo.ts';
import type { Hold } from './hold.ts';
import type { ItemTable } from './item-table.ts';
import type { QueuePorts } from './queue-ports.ts';
import type { ServerClock } from './server-clock.ts';
import type { UploadItem } from './upload-item.ts';

/** Hashes of one question; the server takes twice as many. */
const MAX_BATCH = 500;
/** From one question to the next, unless so many wait that they fill one. */
const GAP_MS = 100;

interface Options {
  readonly table: ItemTable;
  readonly lookup: QueuePorts['lookup'];
  readonly now: () => number;
  readonly hold: Hold;
  readonly clock: ServerClock;
  readonly isPaused: () => boolean;
  readonly onUnknown: (key: number) => void;
  /** Anything may go on now, or has to wait. */
  readonly onSettled: () => void;
}

/**
 * Asks whether the fleet has the bytes already. The first file waits for nobody; the next question takes all that was
 * hashed meanwhile, so that there are far fewer questions than files.
 */
export class LookupLine {
  readonly #options: Options;
  readonly #waiting = new Fifo<number>();
  #isAsking = false;
  #askAgainAt = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  push(key: number): void {
    this.#waiting.push(key);
  }

  /** When those that wait may be asked for; Infinity when nobody waits. */
  get nextDueAt(): number {
    return this.#waiting.length === 0 || this.#isAsking ? Infinity : this.#askAgainAt;
  }

  pump(): void {
    const { hold, now, isPaused } = this.#options;
    if (this.#isAsking || isPaused() || hold.at(now()) !== null) return;
    if (now() < this.#askAgainAt && this.#waiting.length < MAX_BATCH) return;
    const batch = this.#take();
    if (batch.length > 0) void this.#ask(batch);
  }

  #take(): readonly number[] {
    const batch: number[] = [];
    while (batch.length < MAX_BATCH) {
      const key = this.#waiting.shift();
      if (key === undefined) return batch;
      if (this.#waitingItem(key) !== null) batch.push(key);
    }
    return batch;
  }

  #waitingItem(key: number): (UploadItem & { readonly sha256: string }) | null {
    const item = this.#options.table.get(key);
    return item?.state === 'queued' && item.sha256 !== null ? { ...item, sha256: item.sha256 } : null;
  }

  async #ask(batch: readonly number[]): Promise<void> {
    const { lookup, hold, now, clock, onSettled } = this.#options;
    this.#isAsking = true;
    this.#askAgainAt = now() + GAP_MS;
    try {
      const hashes = new Set(batch.flatMap((key) => this.#waitingItem(key)?.sha256 ?? []));
      const answer = await lookup([...hashes]);
      hold.succeed();
      if (answer.clock !== undefined) clock.set(answer.clock, now());
      this.#sort(batch, answer.images);
    } catch (error) {
      // Whatever it was: without an answer it is asked again, in sight of the operator.
      hold.fail(failureOf(error), now());
      this.#waiting.unshift(batch);
    } finally {
      this.#isAsking = false;
    }
    onSettled();
  }

  #sort(batch: readonly number[], images: OperatorOutput<'lookupImages'>['images']): void {
    const { table, onUnknown } = this.#options;
    const known = new Map(images.map((image) => [image.sha256, image]));
    for (const key of batch) {
      const item = this.#waitingItem(key);
      if (item === null) continue;
      const image = known.get(item.sha256);
      if (image === undefined) onUnknown(key);
      else {
        const { path, link } = image;
        table.patch(key, { state: 'present', failure: null, image: { path, link, replicas: [] } });
      }
    }
  }
}
