import type { ScriptName } from './pages.ts';

/** `isAgain`: it has failed before. */
type Load<T> = (page: ScriptName, isAgain: boolean) => Promise<T>;

/** Each page comes with its own script, so that the first one is there soon. Keeps what was loaded, and what failed. */
export class PageScripts<T> {
  readonly #load: Load<T>;
  readonly #failed = new Set<ScriptName>();
  readonly #loads = new Map<ScriptName, Promise<T>>();

  constructor(load: Load<T>) {
    this.#load = load;
  }

  /** The same promise for each call, for React's `use`; a failed one too, until it is forgotten. */
  get(page: ScriptName): Promise<T> {
    const known = this.#loads.get(page);
    if (known !== undefined) return known;
    const load = this.#load(page, this.#failed.has(page)).catch((cause: unknown) => {
      this.#failed.add(page);
      throw new PageScriptMissing(page, cause);
    });
    this.#loads.set(page, load);
    return load;
  }

  /** The next call asks the server again. */
  forget(page: ScriptName): void {
    this.#loads.delete(page);
  }

  /**
   * One after the other, while there is nothing else to do: a page that is here already needs no server, which may be gone
   * or of another version when somebody wants to see it. What fails is left to whoever opens the page.
   */
  async preload(pages: readonly ScriptName[], untilIdle: () => Promise<void>): Promise<void> {
    for (const page of pages) {
      await untilIdle();
      if (this.#loads.has(page)) continue;
      try {
        await this.get(page);
      } catch {
        this.forget(page);
      }
    }
  }
}

/** The server did not hand out the script of a page. */
export class PageScriptMissing extends Error {
  constructor(page: ScriptName, cause: unknown) {
    super(`the script of the page ${page} did not come`, { cause });
  }
}
