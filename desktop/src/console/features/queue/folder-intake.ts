import type { EngineClient } from '#bridge/engine-api.ts';
import type { AddedReport, CheckReport } from './queue-types.ts';

const LOOK_MS = 300;

/** What is going on with the folders that were given last. */
export type IntakeState =
  | { readonly kind: 'idle' }
  /** `found` is null until the engine tells. */
  | { readonly kind: 'checking'; readonly found: { readonly files: number; readonly bytes: number } | null }
  | { readonly kind: 'checked'; readonly report: CheckReport }
  | { readonly kind: 'adding' }
  | { readonly kind: 'added'; readonly answer: AddedReport }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Takes folders and files: first a look at what an upload of them would do, or straight into the queue. */
export class FolderIntake {
  readonly #engine: Pick<EngineClient, 'addFolders' | 'checkFolders' | 'readCheck'>;
  readonly #listeners = new Set<() => void>();
  #state: IntakeState = { kind: 'idle' };
  #roots: readonly string[] = [];
  /** Given while the engine was at something else. */
  #more: readonly string[] = [];
  /** The engine looks or adds, whether or not anybody waits for what comes of it. */
  #isBusy = false;
  #asksFirst = true;

  constructor(engine: Pick<EngineClient, 'addFolders' | 'checkFolders' | 'readCheck'>) {
    this.#engine = engine;
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  readonly state = (): IntakeState => this.#state;

  /** `asksFirst`: nothing is added before `add`. What is given while a look goes on is looked at with the rest of it. */
  async take(roots: readonly string[], asksFirst: boolean): Promise<void> {
    if (roots.length === 0) return;
    this.#asksFirst = asksFirst;
    if (this.#isBusy) {
      this.#more = [...this.#more, ...roots];
      if (this.#state.kind !== 'adding') this.#show({ kind: 'checking', found: null });
      return;
    }
    // What was looked at and not decided yet stays part of it.
    this.#roots = [...this.#roots, ...roots];
    await (asksFirst ? this.#check() : this.add());
  }

  /** Into the queue with what was looked at, or with what could not be looked at. */
  async add(): Promise<void> {
    this.#isBusy = true;
    this.#show({ kind: 'adding' });
    try {
      const answer = await this.#engine.addFolders({ roots: [...this.#roots] });
      this.#roots = [];
      this.#show({ kind: 'added', answer });
    } catch (error) {
      this.#show({ kind: 'failed', error });
    }
    this.#isBusy = false;
    await this.#goOn();
  }

  /** Nothing of it is added. A look that goes on cannot be stopped: what it says is not shown. */
  dismiss(): void {
    this.#roots = [];
    this.#more = [];
    this.#show({ kind: 'idle' });
  }

  async #check(): Promise<void> {
    const roots = this.#roots;
    this.#isBusy = true;
    this.#show({ kind: 'checking', found: null });
    const looking = setInterval(() => void this.#look(roots), LOOK_MS);
    try {
      const report = await this.#engine.checkFolders({ roots: [...roots] });
      if (this.#isAbout(roots)) this.#show({ kind: 'checked', report });
    } catch (error) {
      if (this.#isAbout(roots)) this.#show({ kind: 'failed', error });
    } finally {
      clearInterval(looking);
    }
    this.#isBusy = false;
    await this.#goOn();
  }

  async #look(roots: readonly string[]): Promise<void> {
    // Without an answer the numbers stay what they were: the look itself fails, and says so, when the engine is gone.
    const found = await this.#engine.readCheck({}).catch(() => null);
    if (found !== null && this.#state.kind === 'checking' && this.#isAbout(roots))
      this.#show({ kind: 'checking', found });
  }

  /** With what came meanwhile; after a look, for the whole of it together. */
  async #goOn(): Promise<void> {
    const more = this.#more;
    this.#more = [];
    await this.take(more, this.#asksFirst);
  }

  #isAbout(roots: readonly string[]): boolean {
    return this.#roots === roots;
  }

  #show(state: IntakeState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
