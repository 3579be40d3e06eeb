/** Whose turn it is to be asked for, of many that wait: those first that were asked the longest ago. */
export class ReceiptTurns {
  readonly #askedAt = new Map<string, number>();
  #round = 0;

  next(paths: readonly string[], limit: number): readonly string[] {
    this.#round += 1;
    const waiting = new Set(paths);
    for (const path of this.#askedAt.keys()) if (!waiting.has(path)) this.#askedAt.delete(path);
    const turns = [...waiting].sort((a, b) => (this.#askedAt.get(a) ?? 0) - (this.#askedAt.get(b) ?? 0));
    const asked = turns.slice(0, limit);
    for (const path of asked) this.#askedAt.set(path, this.#round);
    return asked;
  }
}
