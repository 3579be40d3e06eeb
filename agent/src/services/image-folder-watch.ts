import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Identity } from '#store/identity.ts';

const LOOK_EVERY_MS = 10_000;
/** A backup older than this is known to be old when it is put back. */
const ADVANCE_EVERY_MS = 3_600_000;

export interface ImageFolderWatchDeps {
  readonly identity: Pick<Identity, 'look' | 'advance'>;
  readonly onEmptied: () => void;
  /** Another server's disk lies where ours did: only a new start, which refuses, is safe. */
  readonly onForeign: (error: FleetError) => void;
  readonly logger: Logger;
}

/** Notices while the agent runs that the image folder was emptied or replaced. One small file is read, so it costs nothing. */
export class ImageFolderWatch {
  readonly #deps: ImageFolderWatchDeps;
  readonly #timers: NodeJS.Timeout[] = [];
  #looking: Promise<void> | null = null;

  constructor(deps: ImageFolderWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timers.push(
      setInterval(() => void this.look(), LOOK_EVERY_MS),
      setInterval(() => void this.#see(() => this.#deps.identity.advance()), ADVANCE_EVERY_MS),
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#looking;
  }

  /** Looks now, together with whoever else does. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#see(() => this.#deps.identity.look()).finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #see(look: () => Promise<'normal' | 'imagesLost'>): Promise<void> {
    try {
      if ((await look()) === 'normal') return;
      this.#deps.logger.error('images.folderEmptied', {});
      this.#deps.onEmptied();
    } catch (error) {
      const failure = error instanceof FleetError ? error : new FleetError('INTERNAL', String(error), { cause: error });
      this.#deps.logger.error('images.folderNotSeen', { code: failure.code, message: failure.message });
      if (failure.code === 'IDENTITY_FOREIGN') this.#deps.onForeign(failure);
    }
  }
}
