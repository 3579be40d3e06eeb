/** Somebody who listens hears at most one message in this time. */
const GAP_MS = 5000;

/** Messages as they can be heard: the newest one, and never one right after another. */
export class Announcer {
  readonly #tell: (message: string) => void;
  #lastAt = -Infinity;

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  /** Told now or when it can be heard, unless the returned function takes it back before. */
  announce(message: string): () => void {
    const timer = setTimeout(
      () => {
        this.#lastAt = performance.now();
        this.#tell(message);
      },
      Math.max(0, this.#lastAt + GAP_MS - performance.now()),
    );
    return () => clearTimeout(timer);
  }
}
