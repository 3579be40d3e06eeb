import { EVENT_KINDS, type LiveListener } from '@imagefleet/shared/common/operator/live-events.ts';
import { Silence } from './silence.ts';

/** A browser gives up on some answers; then a new stream is begun. */
const AGAIN_MS = 2000;
/** EventSource.CLOSED (HTML, 9.2.2), which outside of a browser has no name. */
const CLOSED = 2;

type CreateSource = (address: string) => EventSource;

/** The server's event stream, until the returned function is called. */
export function listenToEvents(
  url: string,
  listener: LiveListener,
  createSource: CreateSource = (address) => new EventSource(address),
): () => void {
  const stream = new EventStream(url, listener, createSource);
  listener.onState('connecting');
  stream.open();
  return () => stream.end();
}

/**
 * The browser comes back by itself from a connection that has ended, and names the last event that it had. One that only went
 * silent, as in a power cut, it takes for a quiet one: that is noticed here by the heartbeat that stays away, and a stream
 * of our own begins, which names the last event in its address.
 */
class EventStream {
  readonly #url: string;
  readonly #listener: LiveListener;
  readonly #createSource: CreateSource;
  readonly #silence = new Silence(() => this.#beginAnew());
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastEventId = '';

  constructor(url: string, listener: LiveListener, createSource: CreateSource) {
    this.#url = url;
    this.#listener = listener;
    this.#createSource = createSource;
  }

  open(): void {
    const query = this.#lastEventId === '' ? '' : `?lastEventId=${encodeURIComponent(this.#lastEventId)}`;
    const source = this.#createSource(this.#url + query);
    this.#source = source;
    this.#silence.opening();
    source.addEventListener('open', () => {
      this.#silence.heard();
      this.#listener.onState('live');
    });
    source.addEventListener('error', () => this.#fail(source));
    source.addEventListener('ping', ({ data }: MessageEvent<string>) => {
      this.#silence.heard((JSON.parse(data) as { readonly everyMs: number }).everyMs);
    });
    for (const kind of EVENT_KINDS) {
      source.addEventListener(kind, ({ data, lastEventId }: MessageEvent<string>) => {
        this.#silence.heard();
        if (lastEventId !== '') this.#lastEventId = lastEventId;
        this.#listener.onEvent({ kind, data: JSON.parse(data) as Readonly<Record<string, unknown>> });
      });
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#silence.stop();
    this.#source?.close();
  }

  #fail(source: EventSource): void {
    this.#listener.onState('lost');
    if (source.readyState !== CLOSED) {
      this.#silence.opening();
      return;
    }
    this.#silence.stop();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), AGAIN_MS);
  }

  #beginAnew(): void {
    this.#source?.close();
    this.#listener.onState('lost');
    this.open();
  }
}
