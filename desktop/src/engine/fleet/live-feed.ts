import { nextDelayMs, type BackoffBounds } from '@imagefleet/shared/common/delivery/backoff.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { LiveEvent, LiveState } from '@imagefleet/shared/common/operator/live-events.ts';
import type { OpenStream } from './event-stream.ts';
import { FeedLink } from './feed-link.ts';
import { firstLink } from './first-link.ts';
import type { FleetClock } from './fleet-clock.ts';
import { isAborted, Pause } from './pause.ts';

/** After all servers were tried in vain. */
const AGAIN: BackoffBounds = { firstMs: 1000, capMs: 10_000 };
/** The same when they refuse what only a person can change, such as a wrong key. */
const REFUSED: BackoffBounds = { firstMs: 10_000, capMs: 60_000 };
/** A return to the preferred server that failed is not tried again before. */
const RETURN_AGAIN_MS = 10_000;
/** Streams that end sooner than this, one after the other, are no better than none: they are waited after. */
const STEADY_MS = 5000;

export interface LiveFeedOptions {
  readonly open: OpenStream;
  /** Whether the server answers at all; never rejects. */
  readonly isAlive: (server: string) => Promise<boolean>;
  readonly clock: FleetClock;
  /** `live` also when another server tells from now on. */
  readonly onState: (state: LiveState) => void;
  readonly onEvent: (event: LiveEvent) => void;
}

/**
 * The events of one server at a time, the first in the preferred order that answers. When it ends or falls silent, the next
 * one tells within seconds; `offer` brings it back. At a server that was heard before it goes on where it was.
 */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #pause: Pause;
  readonly #lastIds = new Map<string, string>();
  #servers: readonly string[] = [];
  #link: FeedLink | undefined;
  /** Opened while another one still told. */
  #successor: FeedLink | undefined;
  #lastServer: string | undefined;
  #error: FleetError | undefined;
  /** Whether only a person can change what stands in the way. */
  #isRefused = false;
  /** Goes up with other servers and another key: what is opened for those before is none of ours. */
  #generation = 0;
  #opening: AbortController | undefined;
  #returnNotBeforeMs = 0;
  #isReturning = false;
  #state: LiveState = 'connecting';
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#pause = new Pause(options.clock);
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Who tells; undefined while nobody does. */
  get followed(): string | undefined {
    return this.#link?.server;
  }

  /** Why the last stream ended, or none could be opened: a refusal before silence. Undefined while one is open. */
  get error(): FleetError | undefined {
    return this.#link === undefined ? this.#error : undefined;
  }

  start(): void {
    this.#running ??= this.#run(this.#abort.signal);
  }

  /** Ends the stream and returns when nothing of it goes on; nothing is told after it. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** The servers in the order in which they are preferred. `isNewKey`: what is open rests on a key that holds no more. */
  use(servers: readonly string[], isNewKey = false): void {
    const isOther = isNewKey || servers.join(' ') !== this.#servers.join(' ');
    this.#servers = servers;
    if (isOther) this.#forgetOpening();
    for (const server of this.#lastIds.keys()) if (!servers.includes(server)) this.#lastIds.delete(server);
    if (this.#link !== undefined && (isNewKey || !servers.includes(this.#link.server))) this.#link.close();
    this.wake();
  }

  /** Somebody answers again: it is worth trying now. */
  wake(): void {
    this.#pause.wake();
  }

  /** These servers are up and warm: returns to one of them that is preferred to the one that tells. */
  offer(fit: ReadonlySet<string>): void {
    const link = this.#link;
    const best = this.#servers.find((server) => fit.has(server));
    if (link === undefined || best === undefined || this.#isReturning) return;
    if (this.#servers.indexOf(best) >= this.#servers.indexOf(link.server)) return;
    if (this.#options.clock.monotonic() < this.#returnNotBeforeMs) return;
    this.#isReturning = true;
    void this.#return(link, best).finally(() => (this.#isReturning = false));
  }

  async #return(link: FeedLink, best: string): Promise<void> {
    const generation = this.#generation;
    try {
      const successor = await this.#connect(best, this.#abort.signal);
      if (this.#abort.signal.aborted || link !== this.#link || generation !== this.#generation) {
        successor.close();
      } else {
        this.#successor = successor;
        link.close();
      }
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      const waitMs = error.isRetryable ? RETURN_AGAIN_MS : REFUSED.capMs;
      this.#returnNotBeforeMs = this.#options.clock.monotonic() + waitMs;
    }
  }

  #forgetOpening(): void {
    this.#generation += 1;
    this.#opening?.abort();
    this.#successor?.close();
    this.#successor = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let rounds = 0; !isAborted(signal);) {
      const generation = this.#generation;
      const link = this.#successor ?? (await this.#connectAny(signal));
      this.#successor = undefined;
      // That nobody answered says nothing of other servers, or of another key.
      if (generation !== this.#generation) {
        link?.close();
        continue;
      }
      if (link === undefined) {
        rounds += 1;
        this.#tell('lost', signal);
        await this.#pause.wait(this.#waitMs(rounds), signal);
        continue;
      }
      this.#link = link;
      this.#lastServer = link.server;
      this.#tell('live', signal);
      const beganMs = this.#options.clock.monotonic();
      const error = await link.ended;
      this.#error = error;
      this.#isRefused = !error.isRetryable;
      this.#link = undefined;
      if (this.#hasSuccessor()) continue;
      this.#tell('lost', signal);
      const isSteady = this.#options.clock.monotonic() - beganMs >= STEADY_MS;
      rounds = isSteady || generation !== this.#generation ? 0 : rounds + 1;
      // The first one that ends early may be a server that died just then.
      if (rounds > 1) await this.#pause.wait(this.#waitMs(rounds), signal);
    }
  }

  /** Each server once, the one that was lost last of all. */
  async #connectAny(signal: AbortSignal): Promise<FeedLink | undefined> {
    const isLost = (server: string): number => Number(server === this.#lastServer);
    const opening = new AbortController();
    this.#opening = opening;
    const { link, errors } = await firstLink({
      servers: [...this.#servers].sort((a, b) => isLost(a) - isLost(b)),
      connect: (server, given) => this.#connect(server, given),
      clock: this.#options.clock,
      signal: AbortSignal.any([signal, opening.signal]),
    });
    if (this.#opening === opening) this.#opening = undefined;
    const refusal = errors.find(({ isRetryable }) => !isRetryable);
    this.#error = refusal ?? errors.at(-1);
    // One wrong key among servers that come back any moment is no reason to leave them alone.
    this.#isRefused = errors.length > 0 && errors.every(({ isRetryable }) => !isRetryable);
    return link;
  }

  async #connect(server: string, signal: AbortSignal): Promise<FeedLink> {
    const { open, isAlive, clock } = this.#options;
    const onEvent = (event: LiveEvent, id: string): void => {
      if (id !== '') this.#lastIds.set(server, id);
      if (!this.#abort.signal.aborted) this.#options.onEvent(event);
    };
    const lastEventId = this.#lastIds.get(server);
    return FeedLink.open({ server, lastEventId, open, isAlive, onEvent, clock, signal });
  }

  #hasSuccessor(): boolean {
    return this.#successor !== undefined;
  }

  #waitMs(rounds: number): number {
    const bounds = this.#isRefused ? REFUSED : AGAIN;
    // Half of it certain: full jitter may give no wait at all.
    const random = (): number => (1 + this.#options.clock.random()) / 2;
    return nextDelayMs({ ...bounds, attempts: rounds, random });
  }

  #tell(state: LiveState, signal: AbortSignal): void {
    if (signal.aborted || (state === 'lost' && this.#state === 'lost')) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
