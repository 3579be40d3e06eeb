import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { toWire, type Call, type Reply } from '../threads/thread-protocol.ts';
import type { CatalogMethod, Cursor, Slice } from './protocol.ts';

/** Calls that share one transaction at most; more wait for the next, so that no answer waits for too many others. */
const MAX_CALLS_PER_BATCH = 256;

type Handler = (...args: readonly unknown[]) => unknown;
type SliceHandler = (cursor: Cursor | null, ...args: readonly unknown[]) => Slice<unknown>;

/** What a thread of the catalog can do. The protocol's types are checked where these tables are made. */
export interface CallHandlers {
  readonly whole: Readonly<Partial<Record<CatalogMethod, Handler>>>;
  readonly sliced: Readonly<Partial<Record<CatalogMethod, SliceHandler>>>;
}

export interface CallQueueOptions {
  readonly handlers: CallHandlers;
  /** Runs `work` inside a transaction, or as it is; when it throws, nothing that `work` did remains. */
  readonly transact: <T>(work: () => T) => T;
  readonly translate: (error: unknown) => FleetError;
  readonly reply: (replies: readonly Reply[]) => void;
  /** Called after the replies of each batch, for work that nobody waits for. */
  readonly afterBatch?: () => void;
}

interface Waiting {
  readonly call: Call;
  readonly cursor: Cursor | null;
}

interface Outcome {
  readonly reply: Reply;
  /** The rest of a sliced call. */
  readonly rest: Waiting | null;
}

/**
 * Group commit: calls that arrive while a transaction runs are taken together in the next one and share its fsync. The
 * thread is blocked meanwhile, so the messages pile up by themselves; one turn of the event loop lets them all in.
 * Replies leave only after the commit.
 */
export class CallQueue {
  readonly #options: CallQueueOptions;
  #waiting: Waiting[] = [];
  #isScheduled = false;
  #idle: (() => void) | null = null;

  constructor(options: CallQueueOptions) {
    this.#options = options;
  }

  add(calls: readonly Call[]): void {
    for (const call of calls) this.#waiting.push({ call, cursor: null });
    this.#schedule();
  }

  /** Calls back when everything that was handed in is answered. */
  whenIdle(idle: () => void): void {
    this.#idle = idle;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#runBatch();
    });
  }

  #runBatch(): void {
    const batch = this.#waiting.splice(0, MAX_CALLS_PER_BATCH);
    if (batch.length > 0) {
      const outcomes = this.#together(batch) ?? batch.map((waiting) => this.#alone(waiting));
      this.#options.reply(outcomes.map((outcome) => outcome.reply));
      this.#options.afterBatch?.();
      // A long call goes to the end of the line after each slice.
      for (const { rest } of outcomes) if (rest !== null) this.#waiting.push(rest);
    }
    if (this.#waiting.length > 0) this.#schedule();
    else this.#idle?.();
  }

  /** Undefined when any of the calls failed: then none has happened, and each gets a transaction of its own. */
  #together(batch: readonly Waiting[]): readonly Outcome[] | undefined {
    try {
      return this.#options.transact(() => batch.map((waiting) => this.#run(waiting)));
    } catch {
      // The failing call fails again by itself and reports why; a savepoint around each call would cost all of them.
      return undefined;
    }
  }

  #alone(waiting: Waiting): Outcome {
    try {
      return this.#options.transact(() => this.#run(waiting));
    } catch (error) {
      return { reply: { id: waiting.call.id, error: toWire(this.#options.translate(error)) }, rest: null };
    }
  }

  #run({ call, cursor }: Waiting): Outcome {
    const { id, method, args } = call;
    const slice = this.#options.handlers.sliced[method as CatalogMethod];
    if (slice !== undefined) {
      const { items, next } = slice(cursor, ...args);
      if (next === null) return { reply: { id, value: items }, rest: null };
      return { reply: { id, part: items }, rest: { call, cursor: next } };
    }
    const handler = this.#options.handlers.whole[method as CatalogMethod];
    if (handler === undefined) throw new Error(`the wrong thread was asked: ${method}`);
    return { reply: { id, value: handler(...args) }, rest: null };
  }
}
