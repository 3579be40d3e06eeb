import { nextDelayMs, type BackoffBounds } from '@imagefleet/shared/common/delivery/backoff.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { FleetCalls } from './fleet-calls.ts';
import type { FleetClock } from './fleet-clock.ts';
import { isAborted, Pause } from './pause.ts';
import type { ServerNames } from './server-names.ts';

/** Without an event; well within the time for which the fleet's word lasts (target/server-standing.ts). */
const EVERY_MS = 15_000;
/** Events come in crowds: so many of them are answered by one question. */
const GATHER_MS = 300;
/** After a failure. */
const AGAIN: BackoffBounds = { firstMs: 2000, capMs: EVERY_MS };

/** What an agent said of all servers. */
export interface HeardFleet {
  readonly servers: readonly ServerEntry[];
  readonly silent: readonly string[];
  /** Configured address of the agent. */
  readonly from: string;
  /** When it was asked, milliseconds of the monotonic clock. */
  readonly askedMs: number;
}

export interface FleetWatchOptions {
  readonly calls: Pick<FleetCalls, 'ask'>;
  readonly names: Pick<ServerNames, 'learn' | 'learnFrom'>;
  readonly clock: FleetClock;
  readonly onHeard: (heard: HeardFleet) => void;
  /** Nobody has told; the reason. */
  readonly onUnheard: (error: FleetError) => void;
}

/** Asks how all servers are: at the start, soon after whatever may have changed it, and every now and then. */
export class FleetWatch {
  readonly #options: FleetWatchOptions;
  readonly #pause: Pause;
  /** Not to be woken: it is what keeps a crowd of events from being a crowd of questions. */
  readonly #gathering: Pause;
  readonly #abort = new AbortController();
  #isStarted = false;
  #isStale = false;

  constructor(options: FleetWatchOptions) {
    this.#options = options;
    this.#pause = new Pause(options.clock);
    this.#gathering = new Pause(options.clock);
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    void this.#run(this.#abort.signal);
  }

  /** Something may have changed. */
  stale(): void {
    this.#isStale = true;
    this.#pause.wake();
  }

  /** Nothing is told after it. What was asked last is not waited for: it may take as long as a call may. */
  close(): void {
    this.#abort.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!isAborted(signal)) {
      this.#isStale = false;
      failures = (await this.#ask(signal)) ? 0 : failures + 1;
      if (!this.#hasChanged()) await this.#pause.wait(this.#waitMs(failures), signal);
      await this.#gathering.wait(GATHER_MS, signal);
    }
  }

  async #ask(signal: AbortSignal): Promise<boolean> {
    const { calls, names, clock, onHeard, onUnheard } = this.#options;
    const askedMs = clock.monotonic();
    const learnt = names.learn();
    try {
      const call = { name: 'listServers', input: { scope: 'fleet' }, mayMoveOn: true } as const;
      const { server, answer } = await calls.ask(call);
      await learnt;
      if (signal.aborted) return true;
      names.learnFrom(answer.servers);
      onHeard({ servers: answer.servers, silent: answer.silent, from: server, askedMs });
      return true;
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      if (!signal.aborted) onUnheard(error);
      return false;
    }
  }

  #hasChanged(): boolean {
    return this.#isStale;
  }

  #waitMs(failures: number): number {
    const { clock } = this.#options;
    const random = (): number => (1 + clock.random()) / 2;
    return failures === 0 ? EVERY_MS : nextDelayMs({ ...AGAIN, attempts: failures, random });
  }
}
