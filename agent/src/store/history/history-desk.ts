import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { toWire, type Call, type Reply } from '../threads/thread-protocol.ts';
import { HistoryEngine } from './history-engine.ts';
import { isDamaged, openHistory, setAside } from './history-schema.ts';
import type { HistoryBatch, HistoryOutcome, HistoryRange } from './history-store.ts';

/** The history as a thread is asked for it. Each call names the file, because a file that failed is opened again. */
export interface HistoryCalls {
  readonly writeHistory: (file: string, batch: HistoryBatch) => Promise<HistoryOutcome>;
  readonly readHistory: (file: string, range: HistoryRange) => Promise<HistoryAnswer>;
  /** Incidents as texts. */
  readonly listIncidents: (file: string, closedSince: number, limit: number) => Promise<readonly string[]>;
}

type Handlers = {
  readonly [K in keyof HistoryCalls]: (...args: Parameters<HistoryCalls[K]>) => Awaited<ReturnType<HistoryCalls[K]>>;
};

type AnyHandlers = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/**
 * The history in a thread. It has a queue of its own beside the catalog's: a history that fails must not fail an upload
 * that happens to wait in the same transaction. Failures are HISTORY_UNAVAILABLE; the next call opens the file again.
 */
export class HistoryDesk {
  readonly #send: (replies: readonly Reply[]) => void;
  readonly #handlers: AnyHandlers;
  #engine: HistoryEngine | null = null;
  #waiting: Call[] = [];
  #idle: (() => void) | null = null;

  constructor(send: (replies: readonly Reply[]) => void) {
    this.#send = send;
    const table: Handlers = {
      writeHistory: (file, batch) => this.#opened(file).write(batch),
      readHistory: (file, range) => this.#opened(file).read(range),
      listIncidents: (file, closedSince, limit) => this.#opened(file).incidents(closedSince, limit),
    };
    this.#handlers = { ...table } as unknown as AnyHandlers;
  }

  /** Whether the call is one on the history. */
  takes({ method }: Call): boolean {
    return method in this.#handlers;
  }

  add(calls: readonly Call[]): void {
    this.#waiting.push(...calls);
    setImmediate(() => this.#answerNext());
  }

  /** Calls back when everything that was handed in is answered. */
  whenIdle(idle: () => void): void {
    this.#idle = idle;
    this.#tellIdle();
  }

  close(): void {
    const engine = this.#engine;
    this.#engine = null;
    engine?.close();
  }

  /** One call a turn, so that what else the thread does waits for one at most. */
  #answerNext(): void {
    const call = this.#waiting.shift();
    if (call !== undefined) {
      this.#send([this.#answer(call)]);
      if (this.#waiting.length > 0) setImmediate(() => this.#answerNext());
    }
    this.#tellIdle();
  }

  #answer({ id, method, args }: Call): Reply {
    try {
      return { id, value: this.#handlers[method]?.(...args) };
    } catch (error) {
      const file = String(args[0]);
      this.#leave(file, error);
      return { id, error: toWire(historyError(error, file)) };
    }
  }

  #opened(file: string): HistoryEngine {
    this.#engine ??= new HistoryEngine(openHistory(file));
    return this.#engine;
  }

  /** A file whose contents are damaged goes out of the way, so that the next call begins a new one. */
  #leave(file: string, error: unknown): void {
    try {
      this.close();
    } catch {
      // What cannot be closed is not used again either.
    }
    if (isDamaged(error)) setAside(file);
  }

  #tellIdle(): void {
    if (this.#waiting.length === 0) this.#idle?.();
  }
}

function historyError(error: unknown, file: string): FleetError {
  if (error instanceof FleetError && error.code === 'HISTORY_UNAVAILABLE') return error;
  return new FleetError('HISTORY_UNAVAILABLE', `the history ${file} failed: ${String(error)}`, { cause: error });
}
