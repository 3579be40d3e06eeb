import type { FleetClock } from './fleet-clock.ts';

/** A wait that somebody may cut short: by `wake`, or for good by the signal. One at a time. */
export class Pause {
  readonly #clock: FleetClock;
  #wake: () => void = () => undefined;

  constructor(clock: FleetClock) {
    this.#clock = clock;
  }

  /** Returns after `ms`, or earlier when it is woken or the signal is aborted. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    this.#wake = wake;
    const cancel = this.#clock.setTimer(wake, ms);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    cancel();
    signal.removeEventListener('abort', wake);
  }

  wake(): void {
    this.#wake();
  }
}

/** Asked anew after every wait: it is another answer then. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
