import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog } from '#store/catalog.ts';
import { readKept, setAside, writeKept } from '#store/disk/kept-file.ts';

/** Where the names are kept of the servers that are in maintenance. */
export interface MaintenanceStore {
  /** Undefined when nothing was kept. Throws IO_FAILED when what was kept cannot be read. */
  load(): Promise<readonly string[] | undefined>;
  /** Resolves when it would survive a power cut. Throws IO_FAILED. */
  save(names: readonly string[]): Promise<void>;
  /** Keeps what cannot be read, under another name, before it is written anew. */
  setAside?(): Promise<void>;
}

const FACT = 'monitor:maintenance';
const kept = z.object({ version: z.literal(1), servers: z.array(z.string()).max(10_000) });

/** Which servers somebody has taken out, also over a restart. */
export class Maintenance {
  readonly #store: MaintenanceStore;
  readonly #logger: Logger;
  #names: ReadonlySet<string> = new Set();
  #written: Promise<void> = Promise.resolve();

  constructor(store: MaintenanceStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Reads what was kept of the servers that are watched now. What cannot be read is logged and counts as none. */
  async start(watched: readonly string[]): Promise<void> {
    try {
      const names = new Set((await this.#store.load()) ?? []);
      this.#names = new Set(watched.filter((name) => names.has(name)));
    } catch (error) {
      this.#logger.error('maintenance.unreadable', { error });
      // What was in it, a person can still read there.
      await this.#store.setAside?.().catch((cause: unknown) => {
        this.#logger.error('maintenance.notSetAside', { error: cause });
      });
    }
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  names(): ReadonlySet<string> {
    return this.#names;
  }

  /** One after the other; holds when it resolves, and is as it was when it rejects (IO_FAILED). */
  set(name: string, isOn: boolean): Promise<void> {
    const done = this.#written.then(() => this.#write(name, isOn));
    this.#written = done.catch(() => undefined);
    return done;
  }

  async #write(name: string, isOn: boolean): Promise<void> {
    if (this.#names.has(name) === isOn) return;
    const names = new Set(this.#names);
    if (isOn) names.add(name);
    else names.delete(name);
    await this.#store.save([...names].sort());
    this.#names = names;
  }
}

/** In an agent: a fact of its catalog. */
export function catalogMaintenance(catalog: Pick<Catalog, 'remember' | 'recall'>): MaintenanceStore {
  return {
    load: async () => parse((await catalog.recall()).get(FACT)),
    save: (servers) => catalog.remember([{ name: FACT, value: JSON.stringify({ version: 1, servers }) }]),
  };
}

/** Alone: a small file. */
export function fileMaintenance(file: string): MaintenanceStore {
  return {
    load: async () => parse(await readKept(file)),
    setAside: () => setAside(file),
    save: (servers) => writeKept(file, { version: 1, servers }),
  };
}

function parse(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  try {
    return kept.parse(JSON.parse(text)).servers;
  } catch (cause) {
    throw new FleetError('IO_FAILED', 'What is kept of maintenance is damaged.', { cause });
  }
}
