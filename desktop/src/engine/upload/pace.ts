import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

const FIRST_LIMIT = 4;
const DEFAULT_MAX = 16;
/** Of a server that is busy and does not say for how long. */
const DEFAULT_PAUSE_MS = 1000;
/** Nobody's Retry-After keeps us longer; then we ask again. */
const MAX_PAUSE_MS = 60_000;

export interface PaceOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Requests at once at most, 16 unless given: what the operator allows. */
  readonly max?: number;
}

/** One request that goes at a pace. Ends in exactly one of the three calls; later ones change nothing. */
export interface PaceTurn {
  succeeded(): void;
  failed(error: FleetError, retryAfterMs: number | undefined): void;
  /** It ended and tells nothing of the server. */
  dropped(): void;
}

/**
 * How many requests one server gets at once: additive increase, multiplicative decrease (Chiu and Jain 1989). One more
 * after as many successes as there are places, half of them when the server is busy, which counts once for all requests
 * that were on their way together. Pure but for the clock it is given; who asks it starts the requests.
 */
export class Pace {
  readonly #now: () => number;
  #max: number;
  #limit: number;
  #running = 0;
  #successes = 0;
  #openAt = 0;
  /** Grows with every decrease: requests that began before it know nothing of the pace since. */
  #round = 0;

  constructor({ now, max = DEFAULT_MAX }: PaceOptions) {
    this.#now = now;
    this.#max = Math.max(1, max);
    this.#limit = Math.min(FIRST_LIMIT, this.#max);
  }

  /** Requests at once, from 1. */
  get limit(): number {
    return this.#limit;
  }

  get running(): number {
    return this.#running;
  }

  /** What the operator allows; holds for the next request. */
  set max(max: number) {
    this.#max = Math.max(1, max);
    this.#limit = Math.min(this.#limit, this.#max);
  }

  /** When the server wants the next request, milliseconds since the epoch; in the past: now. */
  get openAt(): number {
    return this.#openAt;
  }

  /** Requests that may begin now. */
  get places(): number {
    return this.#now() < this.#openAt ? 0 : Math.max(0, this.#limit - this.#running);
  }

  /** Whoever begins has looked at `places`. */
  begin(): PaceTurn {
    const round = this.#round;
    let isOpen = true;
    this.#running += 1;
    const end = (): boolean => {
      if (!isOpen) return false;
      isOpen = false;
      this.#running -= 1;
      return true;
    };
    return {
      succeeded: () => {
        if (end() && round === this.#round) this.#grow();
      },
      failed: (error, retryAfterMs) => {
        if (end()) this.#fail(error, retryAfterMs, round === this.#round);
      },
      dropped: () => void end(),
    };
  }

  #grow(): void {
    this.#successes += 1;
    if (this.#successes < this.#limit) return;
    this.#successes = 0;
    this.#limit = Math.min(this.#limit + 1, this.#max);
  }

  #fail(error: FleetError, retryAfterMs: number | undefined, isOfThisRound: boolean): void {
    this.#successes = 0;
    if (!isCongestion(error, retryAfterMs)) {
      // It is gone, and begins anew when it is back.
      this.#limit = Math.min(this.#limit, FIRST_LIMIT);
      return;
    }
    const pauseMs = Math.min(retryAfterMs ?? DEFAULT_PAUSE_MS, MAX_PAUSE_MS);
    // A timeout was pause enough, and its request may have been a single one that got lost.
    if (error.code !== 'PEER_TIMEOUT') this.#openAt = Math.max(this.#openAt, this.#now() + pauseMs);
    if (!isOfThisRound) return;
    this.#round += 1;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }
}

/** The pace of each server: another one is not slower because this one is busy. */
export class Paces {
  readonly #options: PaceOptions;
  readonly #paces = new Map<string, Pace>();
  #max: number | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#max = options.max;
  }

  set max(max: number) {
    this.#max = max;
    for (const pace of this.#paces.values()) pace.max = max;
  }

  of(server: string): Pace {
    let pace = this.#paces.get(server);
    if (pace === undefined) {
      pace = new Pace({ now: this.#options.now, ...(this.#max === undefined ? {} : { max: this.#max }) });
      this.#paces.set(server, pace);
    }
    return pace;
  }
}

/** A proxy that is busy has no code of ours, but mostly says when to come again. */
function isCongestion({ status, code }: FleetError, retryAfterMs: number | undefined): boolean {
  return status === 429 || status === 503 || code === 'PEER_TIMEOUT' || retryAfterMs !== undefined;
}
