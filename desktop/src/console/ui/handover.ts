type Take<T> = (thing: T) => void;

/** Hands things to a part of the console that is perhaps not there yet: what comes before its taker waits for it. */
export class Handover<T> {
  #waiting: T[] = [];
  #take: Take<T> | null = null;

  give(thing: T): void {
    if (this.#take === null) this.#waiting.push(thing);
    else this.#take(thing);
  }

  /** One taker at a time. Ends with the returned function. */
  receive(take: Take<T>): () => void {
    this.#take = take;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const thing of waiting) take(thing);
    return () => {
      if (this.#take === take) this.#take = null;
    };
  }
}
