import type { DesktopAnswer } from '#bridge/desktop-bridge.ts';
import { ENGINE_API } from '#bridge/engine-api.ts';
import type { EngineCall } from './waiting-calls.ts';

/** A grid asks for fifty images at once; who is followed does not change with each of them. */
const KEPT_MS = 2000;

export interface ImageServerOptions {
  readonly ask: (call: EngineCall) => Promise<DesktopAnswer>;
  readonly now: () => number;
}

/** Which server images are fetched from: the one that is followed, else the first that is up. Null without any. */
export class ImageServer {
  readonly #options: ImageServerOptions;
  #kept: Promise<string | null> | undefined;
  #until = 0;

  constructor(options: ImageServerOptions) {
    this.#options = options;
  }

  readonly find = (): Promise<string | null> => {
    const now = this.#options.now();
    if (this.#kept === undefined || now >= this.#until) {
      this.#until = now + KEPT_MS;
      this.#kept = this.#ask();
    }
    return this.#kept;
  };

  async #ask(): Promise<string | null> {
    const answer = await this.#options.ask({ api: 'engine', method: 'readFleet', input: {} });
    if (!answer.isOk) return null;
    const { followed, servers } = ENGINE_API.readFleet.output.parse(answer.output);
    return followed ?? servers.find(({ state }) => state === 'up')?.server ?? null;
  }
}
