/** Kinds of the event stream of HTTP API v1. */
export type FleetEventKind = 'server' | 'delivery' | 'image' | 'progress' | 'incident';

export interface FleetEvent {
  /** `<epoch>-<counter>`; the epoch changes with every start of the process. */
  readonly id: string;
  readonly kind: FleetEventKind;
  /** What the event is about; of several waiting events of one kind and key only the newest is sent. */
  readonly key: string;
  readonly at: number;
  readonly data: object;
}

export interface EventHubOptions {
  readonly now: () => number;
  /** Distinguishes this run of the process from others. */
  readonly epoch: string;
}

export interface Listener {
  /**
   * `isAhead`: older events still wait. Its id must not become the one that the listener resumes from, or it would miss
   * those; resumed from an older one it hears this event twice.
   */
  readonly send: (event: FleetEvent, isAhead: boolean) => void;
  /** Nothing more will come. */
  readonly end: () => void;
  /** The last event that it heard, perhaps over an earlier connection. */
  readonly lastEventId?: string | undefined;
}

const RING_SIZE = 1000;
/** Different things one subscriber may wait to hear of; beyond it the oldest that is not urgent is dropped. */
const MAX_PENDING = 500;
const MIN_GAP_MS = 100;
/** Few, and told of things that people wait for: they do not stand behind hundreds of copies that have arrived. */
const URGENT: ReadonlySet<FleetEventKind> = new Set(['server', 'incident', 'progress']);
const MAX_SUBSCRIBERS = 200;

interface Subscriber {
  readonly pending: Map<string, FleetEvent>;
  readonly send: Listener['send'];
  readonly end: () => void;
  timer: NodeJS.Timeout | undefined;
}

/** Recent events and those who listen. At most ten a second go to each listener; what it has not heard yet is coalesced. */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #ring: FleetEvent[] = [];
  readonly #subscribers = new Set<Subscriber>();
  #counter = 0;

  constructor(options: EventHubOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#subscribers.size >= MAX_SUBSCRIBERS;
  }

  publish(kind: FleetEventKind, key: string, data: object): void {
    this.#counter += 1;
    const event = { id: `${this.#options.epoch}-${String(this.#counter)}`, kind, key, at: this.#options.now(), data };
    this.#ring.push(event);
    if (this.#ring.length > RING_SIZE) this.#ring.shift();
    for (const subscriber of this.#subscribers) this.#offer(subscriber, event);
  }

  /** Listens from now on, or from after `lastEventId` when that is still known; from the ring's beginning when it is not. */
  subscribe({ send, end, lastEventId }: Listener): () => void {
    const subscriber: Subscriber = { pending: new Map(), send, end, timer: undefined };
    this.#subscribers.add(subscriber);
    for (const event of this.#missedSince(lastEventId)) this.#offer(subscriber, event);
    return () => {
      clearTimeout(subscriber.timer);
      this.#subscribers.delete(subscriber);
    };
  }

  /** Ends every listener; a stop of the listener for HTTP would wait for them otherwise. */
  stop(): void {
    for (const { end, timer } of this.#subscribers) {
      clearTimeout(timer);
      end();
    }
    this.#subscribers.clear();
  }

  #missedSince(lastEventId: string | undefined): readonly FleetEvent[] {
    if (lastEventId === undefined) return [];
    const [epoch, counter] = lastEventId.split('-');
    if (epoch !== this.#options.epoch) return this.#ring;
    const last = Number(counter);
    return this.#ring.filter((event) => Number(event.id.slice(event.id.lastIndexOf('-') + 1)) > last);
  }

  #offer(subscriber: Subscriber, event: FleetEvent): void {
    const key = `${event.kind} ${event.key}`;
    // Deleted first, so that what waits stands in the order of its ids: `isAhead` rests on that.
    subscriber.pending.delete(key);
    subscriber.pending.set(key, event);
    if (subscriber.pending.size > MAX_PENDING) subscriber.pending.delete(droppedOf(subscriber.pending));
    subscriber.timer ??= setTimeout(() => {
      this.#sendNext(subscriber);
    }, 0);
  }

  #sendNext(subscriber: Subscriber): void {
    subscriber.timer = undefined;
    const [oldest] = subscriber.pending;
    if (oldest === undefined) return;
    const [key, event] = [...subscriber.pending].find(([, { kind }]) => URGENT.has(kind)) ?? oldest;
    subscriber.pending.delete(key);
    // Set before the event goes out: the gap holds for what is published next, too.
    subscriber.timer = setTimeout(() => {
      this.#sendNext(subscriber);
    }, MIN_GAP_MS);
    subscriber.send(event, key !== oldest[0]);
  }
}

/** The oldest that is not urgent; the oldest of all when everything is. */
function droppedOf(pending: ReadonlyMap<string, FleetEvent>): string {
  const [oldest = ''] = pending.keys();
  return [...pending].find(([, { kind }]) => !URGENT.has(kind))?.[0] ?? oldest;
}
