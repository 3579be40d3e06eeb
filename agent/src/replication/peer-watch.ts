import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { parkingCauseOf, stepBreaker, type BreakerEvent, type BreakerState } from './breaker.ts';

export interface PeerWatchDeps {
  /** One probe: resolves when the peer takes our copies, rejects with a FleetError. Has its own time limit. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
  /** Resolves when the process there answers, whatever it takes; else like `probe`. */
  readonly live: (signal: AbortSignal) => Promise<unknown>;
  readonly random: () => number;
  readonly onPark: (cause: DeliveryCause) => void;
  readonly onRelease: () => void;
  /** A few of the parked are to go; `nothingToTry` when there are none. */
  readonly onTry: () => void;
  /** The state or its cause is another than before. */
  readonly onChanged: (state: BreakerState) => void;
}

/** Runs the breaker of one peer: probes when it says so and tells what it decided. */
export class PeerWatch {
  readonly #deps: PeerWatchDeps;
  readonly #stopped = new AbortController();
  #state: BreakerState = { kind: 'unknown', failures: 0 };
  #timer: NodeJS.Timeout | undefined;
  #probing: Promise<void> | null = null;
  #asking: Promise<void> | null = null;
  #waiting: (() => void)[] = [];

  constructor(deps: PeerWatchDeps) {
    this.#deps = deps;
  }

  get state(): BreakerState {
    return this.#state;
  }

  start(): void {
    this.#dispatch({ kind: 'started' });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    this.#wakeWaiting();
    await Promise.all([this.#probing, this.#asking]);
  }

  /**
   * A push failed in a way that concerns the peer; returns the state once it is certain, which probes may have to find
   * out. Undefined when it was stopped before that.
   */
  async pushFailed(cause: DeliveryCause): Promise<BreakerState | undefined> {
    this.#dispatch({ kind: 'pushFailed', cause });
    if (this.#state.kind === 'doubt' && !this.#stopped.signal.aborted) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#stopped.signal.aborted ? undefined : this.#state;
  }

  /** Something has arrived at the peer. */
  pushSucceeded(): void {
    this.#dispatch({ kind: 'pushSucceeded' });
  }

  /**
   * A push has been under way for long. A network that swallows everything looks like that, and the push itself would
   * tell only when it gives up; until then nobody would know, and what it carries would burn an attempt. A peer with a
   * slow disk looks like that as well, so it is not asked for more than a sign of life.
   */
  pushIsSlow(): void {
    if (this.#state.kind === 'up') this.#asking ??= this.#askForLife().finally(() => (this.#asking = null));
  }

  nothingToTry(): void {
    this.#dispatch({ kind: 'nothingToTry' });
  }

  /**
   * The peer has no room for one large image. It may have for small ones, which must not wait for it: a probe tells.
   * Where it is not known to have any, this is a failed push like others. Answers as `pushFailed` does.
   */
  async largeRefused(cause: DeliveryCause): Promise<BreakerState | undefined> {
    if (this.#state.kind !== 'up') return this.pushFailed(cause);
    await this.#probe();
    return this.#stopped.signal.aborted ? undefined : this.#state;
  }

  /** Probes now, together with whoever else does. */
  async probeNow(): Promise<BreakerState> {
    await this.#probe();
    return this.#state;
  }

  #probe(): Promise<void> {
    clearTimeout(this.#timer);
    this.#probing ??= this.#probeOnce().finally(() => (this.#probing = null));
    return this.#probing;
  }

  async #probeOnce(): Promise<void> {
    const cause = await this.#failureOf(this.#deps.probe);
    this.#dispatch(cause === undefined ? { kind: 'probeSucceeded' } : { kind: 'probeFailed', cause });
  }

  async #askForLife(): Promise<void> {
    const cause = await this.#failureOf(this.#deps.live);
    // As good as a push that fails: probes tell whether the peer is down.
    if (cause !== undefined) this.#dispatch({ kind: 'pushFailed', cause });
  }

  async #failureOf(ask: (signal: AbortSignal) => Promise<unknown>): Promise<DeliveryCause | undefined> {
    try {
      await ask(this.#stopped.signal);
      return undefined;
    } catch (error) {
      const { code, message } =
        error instanceof FleetError ? error : new FleetError('INTERNAL', `the probe failed: ${String(error)}`);
      return { code, message };
    }
  }

  #dispatch(event: BreakerEvent): void {
    if (this.#stopped.signal.aborted) return;
    const before = this.#state;
    const { state, effects } = stepBreaker(before, event, this.#deps.random);
    this.#state = state;
    for (const effect of effects) {
      if (effect.kind === 'probe') this.#plan(effect.inMs);
      else if (effect.kind === 'park') this.#deps.onPark(effect.cause);
      else if (effect.kind === 'try') this.#deps.onTry();
      else this.#deps.onRelease();
    }
    if (!looksAlike(before, state)) this.#deps.onChanged(state);
    if (state.kind !== 'doubt') this.#wakeWaiting();
  }

  #plan(inMs: number): void {
    clearTimeout(this.#timer);
    // Never from within a probe that runs: `#probe` would join it instead of making a new one.
    this.#timer = setTimeout(() => void this.#probe(), inMs);
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** A trial is no news before it has an end: to everybody else the peer refuses until then. */
function looksAlike(before: BreakerState, after: BreakerState): boolean {
  if (parkingCauseOf(before) !== parkingCauseOf(after)) return false;
  return before.kind === after.kind || ('refusals' in before && 'refusals' in after);
}
