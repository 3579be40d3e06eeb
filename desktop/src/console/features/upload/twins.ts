/**
 * Files of the queue with the same bytes: the first one is sent, the others wait for what becomes of it. A look-up cannot
 * know them, because none of them is in the fleet yet.
 */
export class Twins {
  readonly #firsts = new Map<string, number>();
  readonly #others = new Map<string, number[]>();

  /** The key whose outcome `key` has to wait for; null when `key` goes first. `isAlive`: the first one is still of use. */
  firstOf(sha256: string, key: number, isAlive: (first: number) => boolean): number | null {
    const first = this.#firsts.get(sha256);
    if (first !== undefined && first !== key && isAlive(first)) return first;
    this.#firsts.set(sha256, key);
    return null;
  }

  wait(sha256: string, key: number): void {
    this.#others.set(sha256, [...(this.#others.get(sha256) ?? []), key]);
  }

  /** Those who waited for `key`; they wait no more. */
  release(sha256: string, key: number): readonly number[] {
    if (this.#firsts.get(sha256) !== key) return [];
    const others = this.#others.get(sha256) ?? [];
    this.#others.delete(sha256);
    return others;
  }
}
