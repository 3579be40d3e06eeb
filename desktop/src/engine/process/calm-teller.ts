/** Tells that something has changed at most once in `everyMs`: the first change at once, the last one never lost. */
export class CalmTeller {
  readonly #tell: () => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;

  constructor(tell: () => void, everyMs: number) {
    this.#tell = tell;
    this.#everyMs = everyMs;
  }

  changed(): void {
    if (this.#timer === undefined) this.#say();
    else this.#isDue = true;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
  }

  #say(): void {
    this.#isDue = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isDue) this.#say();
    }, this.#everyMs);
    this.#tell();
  }
}
