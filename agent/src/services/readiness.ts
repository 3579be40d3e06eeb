import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Catalog } from '#store/catalog.ts';
import type { FreeSpaceFloor } from '#store/free-space-floor.ts';

/** How long the catalog may take for an answer before this server counts as not ready. */
const CATALOG_LIMIT_MS = 2_000;

/** Whether this server takes uploads: its catalog answers, its disk has room, and it is not stopping. */
export class Readiness {
  readonly #catalog: Pick<Catalog, 'find'>;
  readonly #floor: FreeSpaceFloor;
  #isStopping = false;

  constructor(catalog: Pick<Catalog, 'find'>, floor: FreeSpaceFloor) {
    this.#catalog = catalog;
    this.#floor = floor;
  }

  /** From now on uploads are refused; called first when the agent stops. */
  stopTaking(): void {
    this.#isStopping = true;
  }

  /** Throws SHUTTING_DOWN. */
  assertOpen(): void {
    if (this.#isStopping) throw new FleetError('SHUTTING_DOWN', 'This server is stopping and takes no more uploads.');
  }

  /** The reason as an error code, for load balancers' logs; undefined when uploads are taken. */
  async notReady(): Promise<string | undefined> {
    if (this.#isStopping) return 'SHUTTING_DOWN';
    try {
      await this.#floor.assertRoomFor(0);
      await within(this.#catalog.find('health/ready.png'), CATALOG_LIMIT_MS);
      return undefined;
    } catch (error) {
      return error instanceof FleetError ? error.code : 'INTERNAL';
    }
  }
}

async function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new FleetError('IO_FAILED', 'The catalog does not answer.'));
  }, limitMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
