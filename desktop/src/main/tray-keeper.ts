import type { DesktopAnswer } from '#bridge/desktop-bridge.ts';
import { ENGINE_API, type EngineMethodName, type EngineOutput } from '#bridge/engine-api.ts';
import type { Language } from './desktop-texts.ts';
import type { EngineState } from './engine-keeper.ts';
import { trayView, type TrayInput, type TrayView } from './tray-view.ts';
import type { EngineCall } from './waiting-calls.ts';

/** A tray is looked at in passing; a failure is shown within this time. */
const LOOK_EVERY_MS = 2000;
/** Of changes that come one after the other the tray shows the last. */
const CALM_MS = 200;

export interface TrayKeeperOptions {
  readonly ask: (call: EngineCall) => Promise<DesktopAnswer>;
  readonly engineState: () => EngineState;
  readonly language: () => Language;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  /** Only when it has changed: a menu that is set again closes under the pointer. */
  readonly show: (view: TrayView) => void;
}

/** Keeps the tray as the engine says the fleet and the queue are. */
export class TrayKeeper {
  readonly #options: TrayKeeperOptions;
  #shown = '';
  #isLooking = false;
  #isStopped = false;
  #cancel = (): void => undefined;
  #fleet: EngineOutput<'readFleet'> | null = null;

  constructor(options: TrayKeeperOptions) {
    this.#options = options;
  }

  /** As it was when it was asked last; null before. */
  get fleet(): EngineOutput<'readFleet'> | null {
    return this.#fleet;
  }

  start(): void {
    this.#draw({ fleet: null, status: null });
    this.#lookIn(0);
  }

  /** Something has happened that the tray may show. */
  changed(): void {
    if (!this.#isLooking && !this.#isStopped) this.#lookIn(CALM_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #lookIn(ms: number): void {
    this.#cancel();
    this.#cancel = this.#options.setTimer(() => void this.#look(), ms);
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const isRunning = this.#options.engineState() === 'running';
    // While the engine starts there is nothing to ask, and a question that waits would keep the next one from being asked.
    const [fleet, status] = isRunning
      ? await Promise.all([this.#read('readFleet'), this.#read('readStatus')])
      : [null, null];
    this.#isLooking = false;
    if (this.#isStopped) return;
    this.#fleet = fleet;
    this.#draw({ fleet, status });
    this.#lookIn(LOOK_EVERY_MS);
  }

  async #read<M extends EngineMethodName>(method: M): Promise<EngineOutput<M> | null> {
    const answer = await this.#options.ask({ api: 'engine', method, input: {} });
    if (!answer.isOk) return null;
    // The schema is the one of M; the compiler cannot see that through the table's union.
    return ENGINE_API[method].output.parse(answer.output) as EngineOutput<M>;
  }

  #draw({ fleet, status }: Pick<TrayInput, 'fleet' | 'status'>): void {
    const { engineState, language, show } = this.#options;
    const view = trayView({ engine: engineState(), language: language(), fleet, status });
    const text = JSON.stringify(view);
    if (text === this.#shown) return;
    this.#shown = text;
    show(view);
  }
}
