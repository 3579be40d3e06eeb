import { withoutUserInfo } from '@imagefleet/shared/common/address/without-user-info.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { EVENT_KINDS, eventData, pingData, type LiveEvent } from '@imagefleet/shared/common/operator/live-events.ts';
import { DEFAULT_BEAT_MS, silenceMs } from '@imagefleet/shared/common/operator/stream-silence.ts';
import type { OpenedStream, OpenStream, StreamMessage } from './event-stream.ts';
import type { FleetClock } from './fleet-clock.ts';

/** From the first packet to the head of the answer; the next server is waiting. */
const OPENING_MS = 3000;
/** After so much silence the server is asked whether it is there: its heartbeat is too slow to move on within seconds. */
const QUIET_MS = 2000;
/** A busy server may answer late once. */
const MISSES_UNTIL_GONE = 2;
/** Of a server that says it beats once an hour nobody would ever notice that it is gone. */
const MAX_BEAT_MS = 60_000;

const KINDS: ReadonlySet<string> = new Set(EVENT_KINDS);

export interface FeedLinkOptions {
  readonly server: string;
  readonly lastEventId: string | undefined;
  readonly open: OpenStream;
  /** Whether the server answers at all; never rejects. */
  readonly isAlive: (server: string) => Promise<boolean>;
  /** `id` is empty for an event from which nothing can go on. */
  readonly onEvent: (event: LiveEvent, id: string) => void;
  readonly clock: FleetClock;
  /** Closes it, also while it is being opened. */
  readonly signal: AbortSignal;
}

/** One open stream of one server, until it ends, falls silent, says something that is none of ours, or is closed. */
export class FeedLink {
  readonly server: string;
  /** Why it ended; never rejects. */
  readonly ended: Promise<FleetError>;
  readonly #options: FeedLinkOptions;
  readonly #abort = new AbortController();
  readonly #end = Promise.withResolvers<FleetError>();
  #heardMs: number;
  #beatMs = DEFAULT_BEAT_MS;
  #misses = 0;
  #isOver = false;
  #cancelTimer = (): void => undefined;
  readonly #onAbort = (): void => this.close();

  private constructor(options: FeedLinkOptions) {
    this.#options = options;
    this.server = options.server;
    this.ended = this.#end.promise;
    this.#heardMs = options.clock.monotonic();
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Returns once the server has begun to answer. Fails with its FleetError, or PEER_UNREACHABLE, PEER_TIMEOUT. */
  static async open(options: FeedLinkOptions): Promise<FeedLink> {
    const link = new FeedLink(options);
    await link.#open();
    return link;
  }

  close(): void {
    this.#over(new FleetError('PEER_UNREACHABLE', `the stream of ${withoutUserInfo(this.server)} was closed here`));
  }

  async #open(): Promise<void> {
    const { open, server, lastEventId, clock } = this.#options;
    const late = Promise.withResolvers<never>();
    this.#cancelTimer = clock.setTimer(() => {
      late.reject(
        new FleetError('PEER_TIMEOUT', `${withoutUserInfo(server)} did not begin the stream of its events in time`),
      );
    }, OPENING_MS);
    const onMessage = (message: StreamMessage): void => this.#hear(message);
    let stream: OpenedStream;
    try {
      const opening = open({ server, lastEventId, onMessage, signal: this.#abort.signal });
      stream = await Promise.race([opening, late.promise, this.#whenOver()]);
    } catch (error) {
      this.close();
      throw error;
    }
    this.#cancelTimer();
    this.#heardMs = clock.monotonic();
    void stream.ended.then((error) => this.#over(error));
    this.#lookSoon();
  }

  async #whenOver(): Promise<never> {
    throw await this.#end.promise;
  }

  #hear({ kind, data, id }: StreamMessage): void {
    if (this.#isOver) return;
    this.#heardMs = this.#options.clock.monotonic();
    this.#misses = 0;
    const event = this.#read(kind, data);
    // Outside of what reads it: a listener that throws is no fault of the server.
    if (event !== undefined) this.#options.onEvent(event, id);
  }

  /** Undefined for what is no event for a listener. */
  #read(kind: string, data: string): LiveEvent | undefined {
    try {
      if (kind === 'ping') this.#beatMs = Math.min(MAX_BEAT_MS, pingData.parse(JSON.parse(data)).everyMs);
      // Later versions have more of them.
      return isKnown(kind) ? { kind, data: eventData.parse(JSON.parse(data)) } : undefined;
    } catch (cause) {
      const message = `${withoutUserInfo(this.server)} told an event in a form this version does not know`;
      this.#over(new FleetError('PEER_ANSWER_INVALID', message, { cause }));
      return undefined;
    }
  }

  #lookSoon(): void {
    if (!this.#isOver) this.#cancelTimer = this.#options.clock.setTimer(() => void this.#look(), QUIET_MS);
  }

  async #look(): Promise<void> {
    const { server, clock, isAlive } = this.#options;
    while (this.#quietMs() >= QUIET_MS && !this.#isOver) {
      if (this.#quietMs() > silenceMs(this.#beatMs)) {
        this.#over(silentFor(server, this.#quietMs()));
        return;
      }
      const askedMs = clock.monotonic();
      const hasAnswered = await isAlive(server);
      if (hasAnswered || this.#heardMs > askedMs) {
        this.#misses = 0;
        break;
      }
      this.#misses += 1;
      if (this.#misses >= MISSES_UNTIL_GONE) this.#over(silentFor(server, this.#quietMs()));
    }
    this.#lookSoon();
  }

  #quietMs(): number {
    return this.#options.clock.monotonic() - this.#heardMs;
  }

  #over(error: FleetError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#abort.abort();
    this.#end.resolve(error);
  }
}

function isKnown(kind: string): kind is LiveEvent['kind'] {
  return KINDS.has(kind);
}

function silentFor(server: string, quietMs: number): FleetError {
  return new FleetError(
    'PEER_TIMEOUT',
    `nothing has come from ${withoutUserInfo(server)} for ${String(Math.round(quietMs))} ms`,
  );
}
