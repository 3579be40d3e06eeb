import { EMPTY_TALLY, tallied, type Tally } from './tally.ts';
import { newItem, type ChosenFile, type FleetImage, type UploadItem } from './upload-item.ts';

/** The files of the queue, in their order, and what they amount to. */
export class ItemTable {
  readonly #items = new Map<number, UploadItem>();
  /** Keys by the path that the image has in the fleet. */
  readonly #byImagePath = new Map<string, Set<number>>();
  readonly #onChange: () => void;
  #order: readonly number[] = [];
  #tally = EMPTY_TALLY;
  #lastKey = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The same array until files come or go. */
  get order(): readonly number[] {
    return this.#order;
  }

  get tally(): Tally {
    return this.#tally;
  }

  get(key: number): UploadItem | undefined {
    return this.#items.get(key);
  }

  *items(): Generator<UploadItem> {
    for (const key of this.#order) {
      const item = this.#items.get(key);
      if (item !== undefined) yield item;
    }
  }

  add(files: readonly ChosenFile[]): readonly number[] {
    const keys = files.map((file) => {
      this.#lastKey += 1;
      this.#replace(undefined, newItem(this.#lastKey, file));
      return this.#lastKey;
    });
    this.#order = [...this.#order, ...keys];
    this.#onChange();
    return keys;
  }

  put(item: UploadItem): void {
    const before = this.#items.get(item.key);
    // It was taken out of the list meanwhile.
    if (before === undefined) return;
    this.#replace(before, item);
    this.#onChange();
  }

  patch(key: number, change: Partial<Omit<UploadItem, 'key' | 'path' | 'name'>>): void {
    const item = this.#items.get(key);
    if (item !== undefined) this.put({ ...item, ...change });
  }

  /** Of every file that became this image. */
  patchReplicas(imagePath: string, change: (replicas: FleetImage['replicas']) => FleetImage['replicas']): void {
    for (const key of this.#byImagePath.get(imagePath) ?? []) {
      const image = this.#items.get(key)?.image;
      if (image) this.patch(key, { image: { ...image, replicas: change(image.replicas) } });
    }
  }

  removeWhere(isGone: (item: UploadItem) => boolean): void {
    const left = [...this.items()].filter(isGone);
    for (const item of left) this.#replace(item, undefined);
    this.#order = this.#order.filter((key) => this.#items.has(key));
    this.#onChange();
  }

  #replace(before: UploadItem | undefined, after: UploadItem | undefined): void {
    // A receipt that comes in changes nothing of the sums, and what is made of them need not be made again.
    if (!countsSame(before, after)) {
      if (before !== undefined) this.#tally = tallied(this.#tally, before, -1);
      if (after !== undefined) this.#tally = tallied(this.#tally, after, 1);
    }
    if (before?.image?.path !== after?.image?.path) {
      if (before?.image) this.#byImagePath.get(before.image.path)?.delete(before.key);
      if (after?.image) keysAt(this.#byImagePath, after.image.path).add(after.key);
    }
    if (after !== undefined) this.#items.set(after.key, after);
    else if (before !== undefined) this.#items.delete(before.key);
  }
}

function countsSame(before: UploadItem | undefined, after: UploadItem | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  const { state, sentBytes, sizeBytes } = after;
  return before.state === state && before.sentBytes === sentBytes && before.sizeBytes === sizeBytes;
}

function keysAt(index: Map<string, Set<number>>, path: string): Set<number> {
  const known = index.get(path);
  if (known !== undefined) return known;
  const made = new Set<number>();
  index.set(path, made);
  return made;
}
