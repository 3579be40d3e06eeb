import type { QueueItem } from '#engine/queue/queue-item.ts';
import type { PreparedItem } from '#engine/queue/upload-ports.ts';

/** Items that are in hand, so that the store is not asked for them again, and which of them have the same bytes. */
export class TakenItems {
  readonly #keys = new Set<number>();
  /** Hash -> the item that goes first, and those that wait for what becomes of it. */
  readonly #twins = new Map<string, { first: number; waiting: PreparedItem[] }>();

  get size(): number {
    return this.#keys.size;
  }

  has(key: number): boolean {
    return this.#keys.has(key);
  }

  take(items: readonly QueueItem[]): void {
    for (const { key } of items) this.#keys.add(key);
  }

  release(key: number): void {
    this.#keys.delete(key);
  }

  /** Whether it may go: the first of its bytes may; another one waits for what becomes of the first. */
  mayGo(item: PreparedItem): boolean {
    if (item.isForced) return true;
    const twins = this.#twins.get(item.sha256);
    if (twins === undefined || twins.first === item.key) {
      if (twins === undefined) this.#twins.set(item.sha256, { first: item.key, waiting: [] });
      return true;
    }
    twins.waiting.push(item);
    return false;
  }

  /** Those that wait for what becomes of it. */
  waitingFor(item: Pick<PreparedItem, 'key' | 'sha256'>): readonly PreparedItem[] {
    const twins = this.#twins.get(item.sha256);
    return twins?.first === item.key ? twins.waiting : [];
  }

  /** The first one has ended: those that waited for it. */
  settle(item: Pick<PreparedItem, 'key' | 'sha256'>): readonly PreparedItem[] {
    const twins = this.#twins.get(item.sha256);
    if (twins?.first !== item.key) return [];
    this.#twins.delete(item.sha256);
    return twins.waiting;
  }

  clear(): void {
    this.#keys.clear();
    this.#twins.clear();
  }
}
