/** One request, from its first byte to its end. */
export interface RequestUnderWay {
  /** Of the engine and of whoever takes the files of this request back. */
  readonly signal: AbortSignal;
  moved(key: number, bytes: number): void;
  /** It is over. */
  end(): void;
}

/** What goes out at this moment: how far each file is, and which request is to be broken off. */
export class UnderWay {
  readonly #sent = new Map<number, number>();
  readonly #requests = new Map<AbortController, readonly number[]>();
  #bytes = 0;

  /** Of all files together. */
  get bytes(): number {
    return this.#bytes;
  }

  sentBytes(key: number): number | undefined {
    return this.#sent.get(key);
  }

  begin(keys: readonly number[], signal: AbortSignal): RequestUnderWay {
    const own = new AbortController();
    this.#requests.set(own, keys);
    for (const key of keys) this.#sent.set(key, 0);
    return {
      signal: AbortSignal.any([signal, own.signal]),
      moved: (key, bytes) => {
        this.#sent.set(key, (this.#sent.get(key) ?? 0) + bytes);
        this.#bytes += bytes;
      },
      end: () => {
        this.#requests.delete(own);
        for (const key of keys) {
          this.#bytes -= this.#sent.get(key) ?? 0;
          this.#sent.delete(key);
        }
      },
    };
  }

  /** Breaks off each request of which no file is wanted any more. */
  takeBack(isWanted: (key: number) => boolean): void {
    for (const [request, keys] of this.#requests) if (!keys.some(isWanted)) request.abort();
  }
}
