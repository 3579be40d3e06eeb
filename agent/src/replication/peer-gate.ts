import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import {
  isConnectionFailure,
  isTaking,
  parkingCauseOf,
  stepAdmission,
  type AdmissionEvent,
  type AdmissionState,
} from './admission.ts';
import type { PeerHealth } from './peer-health.ts';
import { PeerReach } from './peer-reach.ts';
import type { PeerStatus } from './replication.ts';

export interface PeerGateDeps {
  readonly name: string;
  readonly health: PeerHealth;
  /** Resolves when the peer says, signed, that it takes our copies; rejects with a FleetError. Has its own time limit. */
  readonly hello: (signal: AbortSignal) => Promise<unknown>;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly onPark: (cause: DeliveryCause) => void;
  readonly onRelease: () => void;
  /** A few of the parked are to go; `nothingToTry` when there are none. */
  readonly onTry: () => void;
  /** `state` or `parkingCause` is another than before. */
  readonly onChanged: () => void;
}

/** Whose failure a failed push was. */
export type FailureVerdict =
  | { readonly kind: 'stopped' }
  /** The delivery's own: it costs an attempt. */
  | { readonly kind: 'itsOwn' }
  | { readonly kind: 'parked'; readonly cause: DeliveryCause };

/**
 * Lets pushes to one peer pass, or holds them: whoever watches the peers says whether it can be reached, and a signed
 * hello whether it takes copies.
 */
export class PeerGate {
  readonly #deps: PeerGateDeps;
  readonly #reach: PeerReach;
  readonly #stopped = new AbortController();
  #state: AdmissionState = { kind: 'unknown', failures: 0 };
  #announced: Pick<PeerStatus, 'state' | 'cause'> = { state: 'unknown', cause: null };
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | null = null;
  #waiting: (() => void)[] = [];

  constructor(deps: PeerGateDeps) {
    this.#deps = deps;
    this.#reach = new PeerReach({
      ...{ name: deps.name, health: deps.health },
      onReached: () => this.#dispatch({ kind: 'reached' }),
      onLost: (cause) => this.#lost(cause),
    });
  }

  start(): void {
    this.#reach.start();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#reach.stop();
    clearTimeout(this.#timer);
    this.#wakeWaiting();
    await this.#asking;
  }

  /** Whether pushes go out now. */
  get isOpen(): boolean {
    return isTaking(this.#state) && this.#reach.isReachable;
  }

  get isTrial(): boolean {
    return this.#state.kind === 'trial';
  }

  /** Why deliveries are parked; null while they flow, are held for a moment, or before anything is known. */
  get parkingCause(): DeliveryCause | null {
    return parkingCauseOf(this.#state);
  }

  get state(): PeerStatus['state'] {
    switch (this.#state.kind) {
      case 'unknown':
        return 'unknown';
      case 'taking':
      case 'confirming':
        return 'up';
      case 'lost':
      case 'refusing':
      case 'trial':
        return 'down';
    }
  }

  /** A push failed in a way that concerns the peer. Answers once it is certain whose failure that was. */
  async pushFailed(cause: DeliveryCause): Promise<FailureVerdict> {
    if (isConnectionFailure(cause.code)) this.#reach.pushFailed();
    this.#dispatch({ kind: 'pushFailed', cause });
    while (this.#state.kind === 'confirming' && !this.#stopped.signal.aborted) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#verdict();
  }

  /** Something has arrived at the peer. */
  pushSucceeded(): void {
    this.#reach.pushSucceeded();
    this.#dispatch({ kind: 'pushSucceeded' });
  }

  /**
   * A push has been under way for long. A network that swallows everything looks like that, and the push itself would
   * tell only when it gives up. A peer with a slow disk looks like that as well, so it is not asked for more than a sign
   * of life.
   */
  pushIsSlow(): void {
    if (this.isOpen) this.#reach.suspect();
  }

  nothingToTry(): void {
    this.#dispatch({ kind: 'nothingToTry' });
  }

  /**
   * The peer has no room for one large image. It may have for small ones, which must not wait for it: a hello tells.
   * Where it is not known to have any, this is a failed push like others. Answers as `pushFailed` does.
   */
  async largeRefused(cause: DeliveryCause): Promise<FailureVerdict> {
    if (this.#state.kind !== 'taking') return this.pushFailed(cause);
    await this.#ask();
    return this.#verdict();
  }

  /** Asks now, after a probe where the peer is not known to be reachable. Answers whether pushes go out. */
  async askNow(): Promise<boolean> {
    await this.#reach.probe(this.#stopped.signal);
    if (this.#reach.isReachable) await this.#ask();
    return this.isOpen;
  }

  #verdict(): FailureVerdict {
    if (this.#stopped.signal.aborted) return { kind: 'stopped' };
    const cause = this.parkingCause;
    return cause === null ? { kind: 'itsOwn' } : { kind: 'parked', cause };
  }

  #lost(cause: DeliveryCause): void {
    // What is known to be down stays so when our own network goes as well; the other way round it is news.
    if (this.#state.kind === 'lost' && cause.code !== 'PEER_DOWN') return;
    this.#dispatch({ kind: 'lost', cause });
  }

  #ask(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asking ??= this.#askOnce().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #askOnce(): Promise<void> {
    let event: AdmissionEvent = { kind: 'helloSucceeded' };
    try {
      await this.#deps.hello(this.#stopped.signal);
    } catch (error) {
      const { code, message } =
        error instanceof FleetError ? error : new FleetError('INTERNAL', `the hello failed: ${String(error)}`);
      event = { kind: 'helloFailed', cause: { code, message } };
    }
    // An answer from before the peer was lost is none; it is asked anew when it is back.
    if (this.#reach.isReachable) this.#dispatch(event);
  }

  #dispatch(event: AdmissionEvent): void {
    if (this.#stopped.signal.aborted) return;
    const { state, effects } = stepAdmission(this.#state, event, this.#deps.random);
    this.#state = state;
    for (const effect of effects) {
      if (effect.kind === 'ask') this.#plan(effect.inMs);
      else if (effect.kind === 'park') this.#deps.onPark(effect.cause);
      else if (effect.kind === 'try') this.#deps.onTry();
      else this.#deps.onRelease();
    }
    this.#announce();
    this.#wakeWaiting();
  }

  #plan(inMs: number): void {
    clearTimeout(this.#timer);
    // Never from within a hello that runs: `#ask` would join it instead of making a new one.
    this.#timer = setTimeout(() => this.#due(), inMs);
  }

  /** Who cannot be reached is not asked now: it is when it is reached again. */
  #due(): void {
    if (this.#reach.isReachable) void this.#ask();
    else if (this.#state.kind === 'lost') this.#dispatch({ kind: 'lost', cause: this.#state.cause });
  }

  /** A trial is no news before it has an end, and neither is a peer that stays as it was. */
  #announce(): void {
    const { state, parkingCause: cause } = this;
    if (this.#announced.state === state && this.#announced.cause === cause) return;
    this.#announced = { state, cause };
    this.#deps.onChanged();
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
