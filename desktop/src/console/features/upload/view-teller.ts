import type { SetTimer } from './queue-ports.ts';

/** Listeners hear of changes at most this often. */
const TELL_MS = 200;

interface Options<T> {
  readonly look: () => T;
  readonly setTimer: SetTimer;
}

/** What there is to see of something that changes all the time, for useSyncExternalStore: told once for many changes. */
export class ViewTeller<T> {
  readonly #options: Options<T>;
  readonly #listeners = new Set<() => void>();
  #view: T;
  #isTelling = false;

  constructor(options: Options<T>) {
    this.#options = options;
    this.#view = options.look();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly view = (): T => this.#view;

  changed(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#options.setTimer(() => {
      this.#isTelling = false;
      this.#view = this.#options.look();
      for (const listener of this.#listeners) listener();
    }, TELL_MS);
  }
}
