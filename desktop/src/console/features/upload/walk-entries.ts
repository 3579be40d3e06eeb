import { compareNames, isImageName } from './image-names.ts';
import type { ChosenFile } from './upload-item.ts';

/** Deeper folders are links that lead in a circle. */
const MAX_DEPTH = 64;

/** Folders that are read at a time: the browser takes a turn of its own for each part of one. */
const AHEAD = 4;

/** What the browser gives of a folder that was dropped: its FileSystemEntry, as far as it is used. */
interface FileEntry {
  readonly isFile: true;
  readonly isDirectory: false;
  readonly name: string;
  file(resolve: (file: File) => void, reject: (error: unknown) => void): void;
}
export interface FolderEntry {
  readonly isFile: false;
  readonly isDirectory: true;
  readonly name: string;
  createReader(): {
    /** A part of the entries with each call, none when it was the last one. */
    readEntries(resolve: (entries: readonly DroppedEntry[]) => void, reject: (error: unknown) => void): void;
  };
}
export type DroppedEntry = FileEntry | FolderEntry;

/** What was passed over. */
export interface Skipped {
  readonly notImages: number;
  /** Folders that the browser may not read, or not to their end. */
  readonly unreadable: number;
}

interface WalkOptions {
  readonly onFound: (files: readonly ChosenFile[]) => void;
  /** Ends the walk where it is. */
  readonly signal: AbortSignal;
}

/** Hands on the images below the entries, folder by folder. They are not opened yet. */
export async function walkEntries(entries: readonly DroppedEntry[], options: WalkOptions): Promise<Skipped> {
  const walk = new Walk(options);
  await walk.take(entries, '', 0);
  return walk.skipped;
}

class Walk {
  readonly #onFound: WalkOptions['onFound'];
  readonly #signal: AbortSignal;
  skipped: Skipped = { notImages: 0, unreadable: 0 };

  constructor({ onFound, signal }: WalkOptions) {
    this.#onFound = onFound;
    this.#signal = signal;
  }

  async take(entries: readonly DroppedEntry[], above: string, depth: number): Promise<void> {
    if (this.#isOver()) return;
    const files = entries.filter((entry) => entry.isFile);
    const images = files.filter(({ name }) => isImageName(name)).sort((a, b) => compareNames(a.name, b.name));
    this.#skip({ notImages: files.length - images.length });
    if (images.length > 0) this.#onFound(images.map((entry) => named(entry, above)));
    const folders = entries.filter((entry) => entry.isDirectory).sort((a, b) => compareNames(a.name, b.name));
    if (depth >= MAX_DEPTH) {
      this.#skip({ unreadable: folders.length });
      return;
    }
    // Names alone are read soon and cost little; whole, they can be put in order.
    const listings: Promise<readonly DroppedEntry[]>[] = [];
    for (const [index, folder] of folders.entries()) {
      while (listings.length < Math.min(folders.length, index + AHEAD)) {
        const next = folders[listings.length];
        if (next !== undefined) listings.push(this.#entriesOf(next));
      }
      await this.take((await listings[index]) ?? [], `${above}${folder.name}/`, depth + 1);
    }
  }

  async #entriesOf(folder: FolderEntry): Promise<readonly DroppedEntry[]> {
    const entries: DroppedEntry[] = [];
    if (this.#isOver()) return entries;
    const reader = folder.createReader();
    try {
      for (;;) {
        const part = await new Promise<readonly DroppedEntry[]>((resolve, reject) =>
          reader.readEntries(resolve, reject),
        );
        if (part.length === 0 || this.#isOver()) return entries;
        entries.push(...part);
      }
    } catch {
      // The browser says no more than that; the page tells how many there were.
      this.#skip({ unreadable: 1 });
      return entries;
    }
  }

  #isOver(): boolean {
    return this.#signal.aborted;
  }

  #skip({ notImages = 0, unreadable = 0 }: Partial<Skipped>): void {
    this.skipped = {
      notImages: this.skipped.notImages + notImages,
      unreadable: this.skipped.unreadable + unreadable,
    };
  }
}

function named(entry: FileEntry, above: string): ChosenFile {
  return {
    path: `${above}${entry.name}`,
    open: () => new Promise((resolve, reject) => entry.file(resolve, reject)),
  };
}
