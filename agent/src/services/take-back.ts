import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';

export interface TakeBackDeps {
  readonly store: Pick<ImageStore, 'unpublish'>;
  readonly catalog: Pick<Catalog, 'findAnyCase'>;
  readonly logger: Logger;
}

/**
 * Removes files that got their name and then no record: nobody would ever know or delete them. Never rejects, because
 * it runs after a failure that the client is to hear of. Call it with the locks that the names were given under.
 */
export async function takeBack(paths: readonly ImagePath[], deps: TakeBackDeps): Promise<void> {
  for (const path of paths) {
    try {
      // A commit that failed for us may have been done all the same. When the catalog cannot tell, the file stays.
      const known = await deps.catalog.findAnyCase(path);
      if (known?.kind !== 'present') await deps.store.unpublish(path);
    } catch (error) {
      deps.logger.warn('ingest.notTakenBack', { path, error });
    }
  }
}
