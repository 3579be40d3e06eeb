import { nextDelayMs, type BackoffBounds } from '@imagefleet/shared/common/delivery/backoff.ts';
import type { ItemFailure } from './upload-item.ts';

const BACKOFF: BackoffBounds = { firstMs: 2000, capMs: 30_000 };
/** Full jitter may say "at once", which for somebody who watches looks like no wait at all. */
const MIN_DELAY_MS = 500;

export interface Holding {
  /** Epoch milliseconds of the next try. */
  readonly until: number;
  readonly failure: ItemFailure;
}

/** Milliseconds before the try after the `attempts`-th failed one. */
export function retryDelayMs(attempts: number, random: () => number): number {
  return Math.max(MIN_DELAY_MS, nextDelayMs({ ...BACKOFF, attempts, random }));
}

/**
 * Why nothing is sent at the moment, although there is something to send: the line or the server failed. Without it each of
 * ten thousand files would find that out by itself.
 */
export class Hold {
  readonly #random: () => number;
  #failures = 0;
  #holding: Holding | null = null;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Null when things flow, or when it is time for the next try. */
  at(now: number): Holding | null {
    return this.#holding !== null && this.#holding.until > now ? this.#holding : null;
  }

  /** The last failure since which nothing succeeded, also while the next try is under way. */
  get holding(): Holding | null {
    return this.#holding;
  }

  /** Files that were on their way together fail together: that counts once. */
  fail(failure: ItemFailure, now: number): void {
    if (this.at(now) !== null) return;
    this.#failures += 1;
    this.#holding = { failure, until: now + retryDelayMs(this.#failures, this.#random) };
  }

  succeed(): void {
    this.#failures = 0;
    this.#holding = null;
  }

  /** The next try may be made now. */
  release(now: number): void {
    if (this.#holding !== null) this.#holding = { ...this.#holding, until: now };
  }
}
