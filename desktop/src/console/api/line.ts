import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Speeds are of the last seconds. */
const WINDOW_MS = 5000;
/** Progress is told many times a second; so much of it is one sample. */
const SAMPLE_MS = 250;
const MIN_SPAN_MS = 1000;

/** Nobody answered, or not in time; every other failure is an answer. */
const UNANSWERED: ReadonlySet<string> = new Set(['PEER_UNREACHABLE', 'PEER_TIMEOUT']);

interface Sample {
  readonly at: number;
  bytes: number;
}

/** What the calls of the console tell of the line to its server: whether anybody answers, and how fast uploads go out. */
export class Line {
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #isAnswered: boolean | null = null;
  #samples: Sample[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  /** Whether the last call was answered; null before the first. */
  readonly isAnswered = (): boolean | null => this.#isAnswered;

  /** Of the uploads of the last seconds; null when nothing went out. */
  bytesPerSecond(): number | null {
    const now = this.#now();
    this.#samples = this.#samples.filter(({ at }) => now - at < WINDOW_MS);
    const [first] = this.#samples;
    if (first === undefined) return null;
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return (bytes * 1000) / Math.max(MIN_SPAN_MS, now - first.at);
  }

  /** Watches a call; answers or fails as it does. */
  async watch<T>(call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      this.#note(true);
      return answer;
    } catch (error) {
      // Of a call that was broken off by us nothing is known.
      if (error instanceof FleetError) this.#note(!UNANSWERED.has(error.code));
      throw error;
    }
  }

  /** For the progress of one upload, which tells how much is out so far. */
  meter(): (sentBytes: number) => void {
    let before = 0;
    return (sentBytes) => {
      this.#sent(sentBytes - before);
      before = sentBytes;
    };
  }

  #sent(bytes: number): void {
    if (bytes <= 0) return;
    const at = this.#now();
    const last = this.#samples.at(-1);
    if (last !== undefined && at - last.at < SAMPLE_MS) last.bytes += bytes;
    else this.#samples.push({ at, bytes });
    // Nobody may be looking: what is old must not gather.
    if (at - (this.#samples[0]?.at ?? at) >= 2 * WINDOW_MS) this.bytesPerSecond();
  }

  #note(isAnswered: boolean): void {
    if (this.#isAnswered === isAnswered) return;
    this.#isAnswered = isAnswered;
    for (const listener of this.#listeners) listener();
  }
}
