import { nextDelayMs, type BackoffBounds } from '@imagefleet/shared/common/delivery/backoff.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { mayBeOneFile } from '#engine/upload/may-be-one-file.ts';

/** How long the fleet's word counts. Afterwards nobody who could tell answers, and we go by what we see ourselves. */
export const WORD_LASTS_MS = 60_000;
/** Of what mostly passes by itself. */
const PASSING: BackoffBounds = { firstMs: 2000, capMs: 60_000 };
/** Of what lasts until somebody does something at that server. */
const LASTING: BackoffBounds = { firstMs: 60_000, capMs: 10 * 60_000 };
const LASTING_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'KEY_MISSING',
  'KEY_WRONG',
  'ROLE_MISSING',
  'SESSION_MISSING',
  'ORIGIN_FOREIGN',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'DISK_FULL',
]);
/** It is there and has too much to do: it needs a pause and no trial. */
const BUSY_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['RATE_LIMITED', 'PEER_BUSY']);
/** Nobody's Retry-After keeps us longer; then we ask again. */
const MAX_RETRY_AFTER_MS = 60_000;
/** Failures in a row, of a kind that one file can cause, until they count against the server. */
const DOUBTS_UNTIL_FAILED = 2;

/** How well a server serves as a target: one that is `down` by the fleet's word is tried when nothing else is left. */
export type Fitness = 'fit' | 'warming' | 'lastResort' | 'unfit';

interface Word {
  readonly state: ServerState;
  readonly at: number;
}

/** What is known of one server as a target: by the fleet's word and by what became of our own requests. Pure. */
export class ServerStanding {
  readonly #random: () => number;
  #word: Word | undefined;
  #failures = 0;
  #doubts = 0;
  #closedUntil = 0;
  #error: FleetError | undefined;
  /** The next request goes alone, and shows whether the server is back. */
  #needsTrial = false;
  #isOnTrial = false;
  /** A request arrived since it was last said to be away. */
  #isProven = false;
  /** Grows with every failure that counts: what began before it is late and says nothing new. */
  #round = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Of the last failure that counted; undefined when it takes requests. */
  get error(): FleetError | undefined {
    return this.#error;
  }

  get round(): number {
    return this.#round;
  }

  wordAt(now: number): ServerState | undefined {
    return this.#word !== undefined && now - this.#word.at < WORD_LASTS_MS ? this.#word.state : undefined;
  }

  hear(state: ServerState, now: number): void {
    const before = this.wordAt(now);
    this.#word = { state, at: now };
    if (state === before) return;
    if (state !== 'up') this.#isProven = false;
    // The fleet saw it away too and sees it back and warm, or we hear the fleet again: then the line was cut, and is not
    // now. That it was up all along says nothing of why our requests failed.
    else this.#open();
  }

  fitnessAt(now: number): Fitness {
    const word = this.wordAt(now);
    if (word === 'maintenance' || now < this.#closedUntil || this.#isOnTrial) return 'unfit';
    if (word === 'down') return 'lastResort';
    return word === 'warming' ? 'warming' : 'fit';
  }

  /** It asked for a pause, and will take requests after it. */
  isPausingAt(now: number): boolean {
    const word = this.wordAt(now);
    return now < this.#closedUntil && !this.#needsTrial && word !== 'down' && word !== 'maintenance';
  }

  /** When it may be fit again by itself; Infinity while a trial decides. */
  openAt(): number {
    if (this.#isOnTrial) return Infinity;
    if (this.#word?.state !== 'maintenance') return this.#closedUntil;
    return Math.max(this.#closedUntil, this.#word.at + WORD_LASTS_MS);
  }

  begin(now: number): void {
    const isDoubtful = this.wordAt(now) === 'down' && !this.#isProven;
    if (this.#needsTrial || isDoubtful) this.#isOnTrial = true;
  }

  succeeded(round: number): void {
    if (round !== this.#round) return;
    this.#open();
    this.#isProven = true;
  }

  failed(
    round: number,
    { now, error, retryAfterMs }: { now: number; error: FleetError; retryAfterMs?: number | undefined },
  ): void {
    const asked = now + Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    if (round !== this.#round) {
      if (retryAfterMs !== undefined) this.#closedUntil = Math.max(this.#closedUntil, asked);
      return;
    }
    this.#isOnTrial = false;
    this.#doubts += 1;
    if (mayBeOneFile(error.code) && !this.#needsTrial && this.#doubts < DOUBTS_UNTIL_FAILED) return;
    this.#round += 1;
    this.#failures += 1;
    this.#error = error;
    this.#isProven = false;
    const isBusy = BUSY_CODES.has(error.code);
    this.#needsTrial = !isBusy;
    this.#closedUntil = isBusy && retryAfterMs !== undefined ? asked : Math.max(asked, now + this.#waitMs(error));
  }

  retryNow(): void {
    this.#closedUntil = 0;
  }

  dropped(round: number): void {
    if (round === this.#round) this.#isOnTrial = false;
  }

  #open(): void {
    this.#failures = 0;
    this.#doubts = 0;
    this.#closedUntil = 0;
    this.#error = undefined;
    this.#needsTrial = false;
    this.#isOnTrial = false;
  }

  /** Half of it certain: a wait of nothing, which full jitter may give, would be no wait at all for a server that is away. */
  #waitMs({ code }: FleetError): number {
    const bounds = LASTING_CODES.has(code) ? LASTING : PASSING;
    const random = (): number => (1 + this.#random()) / 2;
    return nextDelayMs({ ...bounds, attempts: this.#failures, random });
  }
}
