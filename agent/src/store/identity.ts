import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog } from './catalog.ts';
import { readIdentityFile, writeIdentityFile, type FolderIdentity } from './identity-file.ts';

const GENERATION = 'generation';

/** What a catalog and an image folder say of each other. */
export interface IdentityClues {
  readonly serverId: string;
  /** Of the catalog; null when it never met a folder. */
  readonly generation: number | null;
  readonly hasRecords: boolean;
  readonly folder: FolderIdentity | undefined;
}

/**
 * normal: they belong together. imagesLost: the folder is empty or new; imagesOld: it is older than the catalog. In both
 * its files are looked at, and nothing is deleted because of what is not there. fresh: a new catalog; the peers know
 * whether it has lost something.
 */
export type IdentityCase = 'normal' | 'imagesLost' | 'imagesOld' | 'fresh';

/** What a look at the folder finds while the agent runs. */
export type FolderCase = Exclude<IdentityCase, 'fresh'>;

/** Throws IDENTITY_FOREIGN and CATALOG_OLD: going on would mix the images of two servers, or forget what was promised. */
export function decideIdentity({ serverId, generation, hasRecords, folder }: IdentityClues): IdentityCase {
  const isNew = generation === null && !hasRecords;
  if (folder === undefined) return isNew ? 'fresh' : 'imagesLost';
  if (folder.serverId !== serverId) {
    // A catalog that was lost: what lies in the folder is written again as it arrives.
    if (isNew) return 'fresh';
    throw new FleetError(
      'IDENTITY_FOREIGN',
      `the catalog is that of server ${serverId}, the image folder that of server ${folder.serverId}`,
    );
  }
  const ours = generation ?? 0;
  if (folder.generation > ours) {
    throw new FleetError(
      'CATALOG_OLD',
      `the catalog is of generation ${String(ours)}, the image folder of ${String(folder.generation)}`,
    );
  }
  // The catalog is written first, so a crash between the two leaves it one ahead.
  return ours - folder.generation > 1 ? 'imagesOld' : 'normal';
}

export interface IdentityDeps {
  readonly imagesDir: string;
  readonly catalog: Pick<Catalog, 'serverId' | 'countImages' | 'remember' | 'recall'>;
  /** What is to be done is remembered together with the new generation, so that a crash forgets none of it. */
  readonly factsFor: (found: IdentityCase) => Parameters<Catalog['remember']>[0];
  readonly logger: Logger;
  /** Writes the folder's file; for tests. */
  readonly write?: typeof writeIdentityFile;
}

/** Keeps catalog and image folder together. */
export class Identity {
  readonly #deps: IdentityDeps;
  readonly #write: typeof writeIdentityFile;
  #generation = 0;
  /** The catalog has its generation, the folder's file has not. */
  #isFolderBehind = false;

  constructor(deps: IdentityDeps) {
    this.#deps = deps;
    this.#write = deps.write ?? writeIdentityFile;
  }

  /**
   * To be called after the catalog's start and before anything is written into the folder. A full disk keeps no server
   * from serving what belongs together: the new generation comes with the next `advance`.
   */
  async settle(): Promise<IdentityCase> {
    const { imagesDir, catalog } = this.#deps;
    const [facts, images, folder] = await Promise.all([
      catalog.recall(),
      catalog.countImages(),
      readIdentityFile(imagesDir),
    ]);
    const known = facts.get(GENERATION);
    const generation = known === undefined ? null : Number(known);
    const found = decideIdentity({ serverId: catalog.serverId, generation, hasRecords: images > 0, folder });
    this.#generation = generation ?? 0;
    this.#isFolderBehind = found === 'normal' && folder !== undefined && folder.generation < this.#generation;
    try {
      await this.#mark(found);
    } catch (error) {
      const isFull = error instanceof FleetError && error.code === 'DISK_FULL';
      if (found !== 'normal' || !isFull) throw error;
      this.#deps.logger.error('identity.notAdvanced', { code: error.code, message: error.message });
    }
    return found;
  }

  /**
   * Whether the folder is still the same, while the agent runs. One that was emptied, or exchanged for an older one, gets
   * the identity of now. One look at a time, and none beside `advance`. Throws IDENTITY_FOREIGN and CATALOG_OLD.
   */
  async look(): Promise<FolderCase> {
    const { imagesDir, catalog } = this.#deps;
    const folder = await readIdentityFile(imagesDir);
    const clues = { serverId: catalog.serverId, generation: this.#generation, hasRecords: true, folder };
    const found = decideIdentity(clues);
    // This process knows what it has written, so one behind is as old as any. `fresh` is for a catalog without records.
    const written = this.#isFolderBehind ? this.#generation - 1 : this.#generation;
    const isOld = folder !== undefined && folder.generation < written;
    const seen = isOld ? 'imagesOld' : found === 'fresh' ? 'normal' : found;
    if (seen !== 'normal') await this.#mark(seen);
    return seen;
  }

  /** Looks, and makes a new generation: a catalog or a folder that was saved before now is known to be older. */
  async advance(): Promise<FolderCase> {
    const found = await this.look();
    if (found === 'normal') await this.#mark('normal');
    return found;
  }

  async #mark(found: IdentityCase): Promise<void> {
    const { catalog, factsFor } = this.#deps;
    // Two failures in a row must not leave the folder two behind: it would be taken for one from a backup.
    if (found === 'normal' && this.#isFolderBehind) await this.#writeFolder();
    const generation = this.#generation + 1;
    await catalog.remember([{ name: GENERATION, value: String(generation) }, ...factsFor(found)]);
    this.#generation = generation;
    this.#isFolderBehind = true;
    await this.#writeFolder();
  }

  async #writeFolder(): Promise<void> {
    const { imagesDir, catalog } = this.#deps;
    await this.#write(imagesDir, { serverId: catalog.serverId, generation: this.#generation });
    this.#isFolderBehind = false;
  }
}
