import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { FolderCase, Identity } from '#store/identity.ts';

const LOOK_EVERY_MS = 10_000;
/** A backup older than this is known to be old when it is put back. */
const ADVANCE_EVERY_MS = 3_600_000;

export interface ImageFolderWatchDeps {
  readonly identity: Pick<Identity, 'look' | 'advance'>;
  /** It was emptied, or an older one, such as a backup, lies in its place: files are missing. */
  readonly onFilesLost: (found: Exclude<FolderCase, 'normal'>) => void;
  /** Another server's disk lies where ours did, or one that is newer than the catalog: only a new start, which refuses, is safe. */
  readonly onForeign: (error: FleetError) => void;
  readonly logger: Logger;
}

const EVENTS = { imagesLost: 'images.folderEmptied', imagesOld: 'images.folderOld' } as const;
const ENDS_THE_AGENT: ReadonlySet<string> = new Set(['IDENTITY_FOREIGN', 'CATALOG_OLD']);

/** Notices while the agent runs that the image folder was emptied or replaced. One small file is read, so it costs nothing. */
export class ImageFolderWatch {
  readonly #deps: ImageFolderWatchDeps;
  readonly #timers: NodeJS.Timeout[] = [];
  #looking: Promise<void> | null = null;
  /** Looks go one after another: each compares the folder with what the one before has written there. */
  #line: Promise<void> = Promise.resolve();

  constructor(deps: ImageFolderWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timers.push(
      setInterval(() => void this.look(), LOOK_EVERY_MS),
      setInterval(() => void this.#inTurn(() => this.#deps.identity.advance()), ADVANCE_EVERY_MS),
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#line;
  }

  /** Looks now, together with whoever else does. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#inTurn(() => this.#deps.identity.look()).finally(() => (this.#looking = null));
    return this.#looking;
  }

  #inTurn(look: () => Promise<FolderCase>): Promise<void> {
    this.#line = this.#line.then(() => this.#see(look));
    return this.#line;
  }

  /** Never rejects. */
  async #see(look: () => Promise<FolderCase>): Promise<void> {
    try {
      const found = await look();
      if (found === 'normal') return;
      this.#deps.logger.error(EVENTS[found], {});
      this.#deps.onFilesLost(found);
    } catch (error) {
      const failure = error instanceof FleetError ? error : new FleetError('INTERNAL', String(error), { cause: error });
      this.#deps.logger.error('images.folderNotSeen', { code: failure.code, message: failure.message });
      if (ENDS_THE_AGENT.has(failure.code)) this.#deps.onForeign(failure);
    }
  }
}
