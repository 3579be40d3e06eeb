import type { Catalog } from '#store/catalog.ts';
import { DUE, FILES_DUE, NAMED_DUE, RECORDS_DUE } from './reseed-facts.ts';

/** files: records of which the file may be missing. named: named images may have older bytes. records: everything may be missing. */
export type ReseedTask = 'files' | 'named' | 'records';

const FACTS: Readonly<Record<ReseedTask, string>> = {
  files: FILES_DUE,
  named: NAMED_DUE,
  records: RECORDS_DUE,
};
/** Records first: a file that comes with its record need not be looked for. Files last: by then those that are too old are gone. */
const ORDER: readonly ReseedTask[] = ['records', 'named', 'files'];

/** What is still due, as the catalog remembers it. */
export class ReseedBook {
  readonly #catalog: Pick<Catalog, 'remember' | 'recall'>;
  readonly #due = new Set<ReseedTask>();
  /** Became due again after the run of it had begun. */
  readonly #again = new Set<ReseedTask>();
  /** Due, and the catalog does not remember it yet. */
  readonly #unwritten = new Set<ReseedTask>();

  constructor(catalog: Pick<Catalog, 'remember' | 'recall'>) {
    this.#catalog = catalog;
  }

  async load(): Promise<void> {
    const facts = await this.#catalog.recall();
    for (const task of ORDER) if (facts.has(FACTS[task])) this.#due.add(task);
  }

  isDue(task: ReseedTask): boolean {
    return this.#due.has(task);
  }

  next(): ReseedTask | undefined {
    return ORDER.find((task) => this.#due.has(task));
  }

  /** Whoever adds has written the fact. */
  add(task: ReseedTask): void {
    this.#due.add(task);
    this.#again.add(task);
  }

  /** Adds what nobody has written; `begin` does. False when it is due already. */
  discover(task: ReseedTask): boolean {
    if (this.#due.has(task)) return false;
    this.#due.add(task);
    this.#unwritten.add(task);
    return true;
  }

  async begin(task: ReseedTask): Promise<void> {
    this.#again.delete(task);
    if (!this.#unwritten.has(task)) return;
    await this.#catalog.remember([{ name: FACTS[task], value: DUE }]);
    this.#unwritten.delete(task);
  }

  /** False when it became due again meanwhile, and stays so, as it does when the catalog does not take it. */
  async finish(task: ReseedTask): Promise<boolean> {
    if (this.#again.has(task)) return false;
    await this.#catalog.remember([{ name: FACTS[task], value: null }]);
    if (this.#again.has(task)) {
      // It may have been written before it was forgotten.
      this.#unwritten.add(task);
      return false;
    }
    this.#due.delete(task);
    return true;
  }
}
