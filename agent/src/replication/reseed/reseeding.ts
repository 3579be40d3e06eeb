import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog } from '#store/catalog.ts';
import { asFleetError } from '../batch-intake.ts';
import { ReseedBook, type ReseedTask } from './reseed-book.ts';
import { etaSecondsOf, type ReseedStatus } from './reseed-progress.ts';

/** Pause after a run that could not be brought to its end; a peer that comes back ends it at once. */
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;
const TELL_EVERY_MS = 30_000;

/**
 * done: for good. catalogWhole: the records are those of a server that lacks none, and not every peer was asked; once
 * more, later. unfinished: once more, later.
 */
export type RunEnd = 'done' | 'catalogWhole' | 'unfinished';

export interface ReseedingDeps {
  readonly catalog: Pick<Catalog, 'remember' | 'recall'>;
  /**
   * One run of a task; a rejection is as good as unfinished. `begin` is called when images are known to be missing, with
   * how far it is.
   */
  readonly run: (task: ReseedTask, begin: BeginReseed, signal: AbortSignal) => Promise<RunEnd>;
  readonly onPeerChanged: (listener: () => void) => () => void;
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number;
  readonly logger: Logger;
  /** How often the log tells how far it is, for tests. */
  readonly tellEveryMs?: number;
}

export interface ReseedPace {
  readonly total: number;
  /** Images that are here now. */
  readonly countDone: () => Promise<number>;
  readonly bytesDone: () => number;
}
export type BeginReseed = (pace: ReseedPace) => Promise<void>;

/**
 * Fills this server again after its image folder or its whole data folder was lost. What is due is remembered in the
 * catalog, so that a restart goes on; what has been brought is found by looking, so that nothing else needs to be.
 */
export class Reseeding {
  readonly #deps: ReseedingDeps;
  readonly #book: ReseedBook;
  readonly #stopped = new AbortController();
  #cut = new AbortController();
  #wake: () => void = () => undefined;
  #running: Promise<void> | null = null;
  #isCatalogWhole = false;
  #current: (ReseedPace & { readonly doneAtStart: number; readonly startedAt: number }) | null = null;

  constructor(deps: ReseedingDeps) {
    this.#deps = deps;
    this.#book = new ReseedBook(deps.catalog);
  }

  /** Learns what the process before this one left; before anybody is told that an image does not exist. */
  async load(): Promise<void> {
    await this.#book.load();
  }

  /** Goes on where the process before this one was; after load. */
  start(): void {
    this.#work();
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new FleetError('SHUTTING_DOWN', 'this server is stopping'));
    this.#cut.abort();
    this.#wake();
    await this.#running;
  }

  /** The image folder was emptied or exchanged for an older one while the agent runs; the catalog remembers that already. */
  filesLost(found: 'imagesLost' | 'imagesOld'): void {
    if (found === 'imagesOld') this.#book.add('named');
    this.#book.add('files');
    // What it has put into its place is gone.
    this.#cut.abort();
    this.#wake();
    this.#work();
  }

  /**
   * Files are missing though the image folder is the one that it was. A fill that is due or runs already looks for every
   * file, so nothing is begun twice, however often this is called.
   */
  filesMissing(): void {
    if (this.#stopped.signal.aborted || !this.#book.discover('files')) return;
    this.#deps.logger.warn('reseed.filesFoundMissing');
    this.#work();
  }

  /**
   * Whether what this server has no record of is no more likely to exist than on any other server. It is not while the
   * catalog is new and has yet to become equal to that of a server that lost nothing.
   */
  hasWholeCatalog(): boolean {
    return this.#isCatalogWhole || !this.#book.isDue('records');
  }

  /** Null when nothing is known to be missing. */
  async status(): Promise<ReseedStatus | null> {
    const current = this.#current;
    if (current === null) return null;
    const { total, doneAtStart } = current;
    const done = Math.min(total, await current.countDone());
    const elapsedMs = this.#deps.monotonic() - current.startedAt;
    const bytesDone = current.bytesDone();
    return { total, done, bytesDone, etaSeconds: etaSecondsOf({ total, done, doneAtStart, elapsedMs }) };
  }

  #work(): void {
    if (this.#stopped.signal.aborted || this.#book.next() === undefined) return;
    this.#running ??= this.#loop();
  }

  async #loop(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    try {
      for (let task = this.#book.next(); task !== undefined; task = this.#book.next()) {
        this.#cut = new AbortController();
        const isDone = await this.#attempt(task);
        if (this.#stopped.signal.aborted) return;
        if (isDone) {
          pauseMs = FIRST_PAUSE_MS;
        } else if (!this.#cut.signal.aborted) {
          await this.#pause(pauseMs);
          pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2);
        }
      }
    } catch (error) {
      this.#deps.logger.error('reseed.failed', { error });
    } finally {
      // Right after the last look into the book: what is added later begins a loop of its own.
      this.#running = null;
    }
  }

  async #attempt(task: ReseedTask): Promise<boolean> {
    const { run, logger } = this.#deps;
    const signal = AbortSignal.any([this.#stopped.signal, this.#cut.signal]);
    const telling = setInterval(() => void this.#tell(task), this.#deps.tellEveryMs ?? TELL_EVERY_MS);
    try {
      await this.#book.begin(task);
      const end = await run(task, (pace) => this.#begin(task, pace), signal);
      if (end === 'catalogWhole') this.#isCatalogWhole = true;
      if (end !== 'done' || this.#stopped.signal.aborted) return false;
      await this.#end(task);
      return true;
    } catch (error) {
      const { code, message } = asFleetError(error);
      if (!signal.aborted) logger.warn('reseed.interrupted', { task, code, message });
      return false;
    } finally {
      clearInterval(telling);
    }
  }

  async #begin(task: ReseedTask, pace: ReseedPace): Promise<void> {
    const doneAtStart = await pace.countDone();
    const isFirst = this.#current === null;
    this.#current = { ...pace, doneAtStart, startedAt: this.#deps.monotonic() };
    if (isFirst) this.#deps.logger.warn('reseed.began', { task, total: pace.total, done: doneAtStart });
  }

  async #end(task: ReseedTask): Promise<void> {
    const status = await this.status();
    // Last of what may fail: after it nobody would come back to say that it is over.
    const isForgotten = await this.#book.finish(task);
    this.#current = null;
    if (status !== null && isForgotten) this.#deps.logger.info('reseed.ended', { task, ...status });
  }

  async #tell(task: ReseedTask): Promise<void> {
    try {
      const status = await this.status();
      if (status !== null) this.#deps.logger.info('reseed.progress', { task, ...status });
    } catch (error) {
      this.#deps.logger.warn('reseed.progressUnknown', { task, error });
    }
  }

  async #pause(forMs: number): Promise<void> {
    const woken = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => woken.resolve(undefined), forMs);
    this.#wake = () => woken.resolve(undefined);
    const unsubscribe = this.#deps.onPeerChanged(this.#wake);
    await woken.promise;
    clearTimeout(timer);
    unsubscribe();
    this.#wake = () => undefined;
  }
}
