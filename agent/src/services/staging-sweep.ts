import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Version } from '@imagefleet/shared/common/image/version.ts';
import type { Catalog } from '#store/catalog.ts';

const FLUSH_AFTER_MS = 200;

interface Renamed {
  readonly path: string;
  readonly version: Version;
}

/**
 * Tells the catalog, some time after the rename, that bytes are at their path. Nobody waits for it: until then a reader
 * finds the staged name gone and takes the path, and a crash only makes recovery look at a rename that is done.
 */
export class StagingSweep {
  readonly #catalog: Pick<Catalog, 'clearStaging'>;
  readonly #logger: Logger;
  #renamed: Renamed[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(catalog: Pick<Catalog, 'clearStaging'>, logger: Logger) {
    this.#catalog = catalog;
    this.#logger = logger;
  }

  add(renamed: Renamed): void {
    this.#renamed.push(renamed);
    this.#timer ??= setTimeout(() => {
      this.#flush();
    }, FLUSH_AFTER_MS);
  }

  /** Hands over what is left; call before the catalog stops. */
  async stop(): Promise<void> {
    this.#flush();
    await this.#running;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = this.#renamed;
    this.#renamed = [];
    if (items.length === 0) return;
    this.#running = this.#running.then(async () => {
      try {
        await this.#catalog.clearStaging(items);
      } catch (error) {
        this.#logger.warn('staging.notCleared', { count: items.length, error });
      }
    });
  }
}
