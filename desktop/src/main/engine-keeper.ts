import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { DesktopAnswer, DesktopNews } from '#bridge/desktop-bridge.ts';
import type { EngineAccess, FromEngine, ToEngine } from '#bridge/engine-messages.ts';
import { RestartBudget } from './restart-budget.ts';
import { refusal, WaitingCalls, type EngineCall } from './waiting-calls.ts';

/** A start reads the queue from the disk, and may wait for a restart before. */
const PATIENCE_MS = 30_000;
/** It breaks off what is under way and closes its files; longer than this it hangs. */
const CLOSE_MS = 8000;

/** The engine's process as main sees it. */
export interface EngineProcess {
  readonly post: (message: ToEngine) => void;
  readonly kill: () => void;
}
export interface EngineProcessHearer {
  readonly onMessage: (message: FromEngine) => void;
  /** Once, however it ended; also when it could not be started. */
  readonly onExit: () => void;
}

export type EngineState = Extract<DesktopNews, { kind: 'engineState' }>['state'];

export interface EngineKeeperOptions {
  readonly launch: (hearer: EngineProcessHearer) => EngineProcess;
  readonly place: { readonly dataDir: string; readonly version: string };
  /** Milliseconds of any clock that goes on by itself. */
  readonly now: () => number;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  /** What the engine tells without being asked. */
  readonly onTold: (told: Exclude<FromEngine, { kind: 'answer' | 'opened' | 'openFailed' }>) => void;
  readonly onState: (state: EngineState) => void;
  /** Damaged files of the engine were set aside. */
  readonly onSetAside: (files: readonly string[]) => void;
}

/**
 * Keeps the engine's process alive: starts it, starts it again when it dies, and lets calls wait meanwhile. Of a call that
 * was under way when it died, one that only reads is asked again and any other fails with INTERNAL. After too many
 * deaths in a short time, or when the engine does not open, it is `failed` until `use` tries anew.
 */
export class EngineKeeper {
  readonly #options: EngineKeeperOptions;
  readonly #calls: WaitingCalls;
  readonly #budget = new RestartBudget();
  #process: EngineProcess | undefined;
  #access: EngineAccess = { servers: [], key: null };
  #state: EngineState = 'starting';
  /** Whether the process answers calls, be it only by saying why its engine is not open. */
  #isTaking = false;
  /** Why no call is taken, when that is so. */
  #refusal: FleetError | undefined;
  #cancelRestart = (): void => undefined;
  #exited: (() => void) | undefined;

  constructor(options: EngineKeeperOptions) {
    this.#options = options;
    this.#calls = new WaitingCalls({ setTimer: options.setTimer, patienceMs: PATIENCE_MS });
  }

  get state(): EngineState {
    return this.#state;
  }

  start(access: EngineAccess): void {
    this.#access = access;
    this.#launch();
  }

  /** Other servers or another key from now on; also the way back from `failed`. */
  use(access: EngineAccess): void {
    this.#access = access;
    if (this.#exited !== undefined) return;
    this.#refusal = undefined;
    if (this.#process !== undefined) {
      this.#isTaking = false;
      this.#become('starting');
      this.#process.post({ kind: 'use', ...access });
    } else if (this.#state === 'failed') {
      this.#budget.forget();
      this.#become('starting');
      this.#launch();
    }
  }

  /** Never rejects. */
  call(call: EngineCall): Promise<DesktopAnswer> {
    if (this.#refusal !== undefined) return Promise.resolve(refusal(this.#refusal));
    return this.#calls.add(call, (id) => {
      if (this.#isTaking) this.#calls.sendOne(id, this.#post);
    });
  }

  /** Returns when the process has ended, by itself or because it took too long. */
  async close(): Promise<void> {
    this.#cancelRestart();
    this.#refusal = new FleetError('SHUTTING_DOWN', 'the app is ending', { hint: 'Start it again.' });
    const engine = this.#process;
    if (engine !== undefined) {
      const ended = new Promise<void>((resolve) => (this.#exited = resolve));
      engine.post({ kind: 'close' });
      const cancel = this.#options.setTimer(() => engine.kill(), CLOSE_MS);
      await ended;
      cancel();
    }
    this.#calls.failAll(this.#refusal);
  }

  #launch(): void {
    const { launch, place } = this.#options;
    const life = { isOver: false };
    const launched = launch({
      onMessage: (message) => {
        if (!life.isOver) this.#hear(message);
      },
      onExit: () => {
        if (life.isOver) return;
        life.isOver = true;
        this.#died();
      },
    });
    // A launch that fails at once has said so already.
    if (life.isOver) return;
    this.#process = launched;
    launched.post({ kind: 'open', ...place, ...this.#access });
  }

  #hear(message: FromEngine): void {
    switch (message.kind) {
      case 'answer':
        this.#calls.answered(message.id, message.answer);
        break;
      case 'opened':
        if (message.setAside.length > 0) this.#options.onSetAside(message.setAside);
        this.#take('running');
        break;
      case 'openFailed':
        // The process knows why, and answers each call by it.
        this.#take('failed');
        break;
      default:
        this.#options.onTold(message);
    }
  }

  readonly #post = (id: number, { api, method, input }: EngineCall): void => {
    this.#process?.post({ kind: 'call', id, api, method, input });
  };

  #take(state: 'running' | 'failed'): void {
    this.#isTaking = true;
    this.#become(state);
    this.#calls.sendTo(this.#post);
  }

  #died(): void {
    this.#process = undefined;
    this.#isTaking = false;
    if (this.#exited !== undefined) {
      this.#exited();
      return;
    }
    this.#calls.lost();
    const waitMs = this.#budget.died(this.#options.now());
    if (waitMs === undefined) {
      this.#refusal = new FleetError('INTERNAL', 'the upload engine ended again and again, and is left alone', {
        hint: 'Start the app again. The queue is on the disk, and nothing of it is lost.',
      });
      this.#become('failed');
      this.#calls.failAll(this.#refusal);
      return;
    }
    this.#become('restarting');
    this.#cancelRestart = this.#options.setTimer(() => this.#launch(), waitMs);
  }

  #become(state: EngineState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
