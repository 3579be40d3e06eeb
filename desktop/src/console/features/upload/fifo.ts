/** First in, first out; both in constant time however long the line is. */
export class Fifo<T> {
  #values: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#values.length - this.#head;
  }

  push(value: T): void {
    this.#values.push(value);
  }

  /** Puts values before all others, in their order. */
  unshift(values: readonly T[]): void {
    this.#values = [...values, ...this.#values.slice(this.#head)];
    this.#head = 0;
  }

  peek(): T | undefined {
    return this.#values[this.#head];
  }

  shift(): T | undefined {
    const value = this.#values[this.#head];
    if (this.length === 0) return undefined;
    this.#values[this.#head] = undefined;
    this.#head += 1;
    // Cutting the empty half off costs as much as was saved by not moving everything each time.
    if (this.#head * 2 > this.#values.length) {
      this.#values = this.#values.slice(this.#head);
      this.#head = 0;
    }
    return value;
  }
}
