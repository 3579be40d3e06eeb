import type { DesktopNews } from '#bridge/desktop-bridge.ts';
import type { EngineClient } from '#bridge/engine-api.ts';
import type { DesktopFeatures } from '#console/api/desktop-features.ts';
import type { QueueStatus } from './queue-types.ts';
import { recoveryOf, type Recovery } from './recovery.ts';
import { openOf, settledOf, type Tally } from './tally.ts';

/** Asked for this often also when nobody says that anything has changed: speed and time left do. */
const POLL_MS = 1000;
/** Changes of a running upload come ten times a second; nobody reads so fast. */
const GAP_MS = 200;

/** What the page shows of the queue; made anew with each change. */
export interface FeedView {
  /** Null before the first answer. */
  readonly status: QueueStatus | null;
  /** Why the last question had no answer. */
  readonly error: unknown;
  /** Why what the operator asked for last was not done. */
  readonly refusal: unknown;
  readonly recovery: Recovery | null;
  /** What was in the fleet when nothing was under way last: what came before is no part of this upload. */
  readonly before: Tally;
}

const NOTHING: Tally = { files: 0, bytes: 0 };

/** Keeps what the engine says of its queue, while somebody looks; one for the whole app. */
export class QueueFeed {
  readonly #desktop: Pick<DesktopFeatures, 'engine' | 'listen'>;
  readonly #listeners = new Set<() => void>();
  #view: FeedView = { status: null, error: null, refusal: null, recovery: null, before: NOTHING };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isSoon = false;
  /** The next answer is the first one of an engine that has just begun. */
  #isFresh = true;
  #end: (() => void) | null = null;

  constructor(desktop: Pick<DesktopFeatures, 'engine' | 'listen'>) {
    this.#desktop = desktop;
  }

  /** For useSyncExternalStore; nothing is asked while nobody listens. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#end ??= this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };
  readonly view = (): FeedView => this.#view;

  /** Asks the engine to change the queue; its answer is how the queue stands now. A failure becomes `refusal`, and false. */
  async change(ask: (engine: EngineClient) => Promise<QueueStatus>): Promise<boolean> {
    try {
      this.#take(await ask(this.#desktop.engine), { refusal: null });
      return true;
    } catch (refusal) {
      this.#show({ refusal });
      return false;
    }
  }

  /** The same for what does not answer with the queue. */
  async act(ask: (engine: EngineClient) => Promise<unknown>): Promise<boolean> {
    return this.change(async (engine) => {
      await ask(engine);
      return engine.readStatus({});
    });
  }

  dismissRecovery(): void {
    this.#show({ recovery: null });
  }

  #start(): () => void {
    const end = this.#desktop.listen((news) => this.#hear(news));
    this.#soon();
    return end;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#isSoon = false;
    this.#end?.();
    this.#end = null;
  }

  #hear(news: DesktopNews): void {
    if (news.kind === 'engineState' && news.state !== 'running') this.#isFresh = true;
    if (news.kind === 'queueChanged' || news.kind === 'engineState') this.#soon();
  }

  /** Once, however many ask for it. */
  #soon(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    if (!this.#isAsking) this.#askIn(this.#view.status === null ? 0 : GAP_MS);
  }

  #askIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), milliseconds);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#isSoon = false;
    try {
      this.#take(await this.#desktop.engine.readStatus({}), {});
    } catch (error) {
      this.#show({ error });
    }
    this.#isAsking = false;
    if (this.#listeners.size > 0) this.#askIn(this.#pause());
  }

  /** Something has perhaps changed while it was asked. */
  #pause(): number {
    return this.#isSoon ? GAP_MS : POLL_MS;
  }

  #take(status: QueueStatus, more: Partial<FeedView>): void {
    const settled = settledOf(status);
    const { before } = this.#view;
    // The list may have been cleared meanwhile.
    const isPassed = openOf(status).files === 0 || settled.files < before.files;
    const recovery = this.#isFresh ? { recovery: recoveryOf(status) } : {};
    this.#isFresh = false;
    this.#show({ status, error: null, before: isPassed ? settled : before, ...recovery, ...more });
  }

  #show(change: Partial<FeedView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

const FEEDS = new WeakMap<DesktopFeatures, QueueFeed>();

/** Outlives the page: what came before an upload is known when the operator comes back to it. */
export function feedOf(desktop: DesktopFeatures): QueueFeed {
  const known = FEEDS.get(desktop);
  if (known !== undefined) return known;
  const feed = new QueueFeed(desktop);
  FEEDS.set(desktop, feed);
  return feed;
}
