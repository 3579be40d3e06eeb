import type { Stats } from 'node:fs';
import { basename, resolve } from 'node:path';
import { hasImageExtension } from '@imagefleet/shared/node/folder-walk.ts';
import { readFolder, type Entry, type Folder, type Place } from './folder-entries.ts';
import { scanFilter, type ScanFilter, type ScanRules } from './scan-filter.ts';
import { SCAN_BATCH, ScanOutput, type ScanBatch } from './scan-output.ts';
import { look, statFiles, type Look } from './stat-files.ts';

export interface ScanOptions {
  readonly rules?: ScanRules;
  readonly signal: AbortSignal;
}

/** Enough to keep a network drive busy; the system's own threads do fewer at once on a local one. */
const LOOKS_AT_ONCE = 64;

/**
 * Every image at or below `roots` that the rules take, and what was passed over, as a stream. The files of a folder come
 * before those of the folders in it, both by code unit, so the order is the same on every run. Links are followed; each real
 * folder is entered once. A root that is a file is taken whatever it is called: somebody named it. Hidden files, and what
 * file managers leave behind, are passed over in silence. Errors: INPUT_INVALID for a rule, and what `signal` was aborted with.
 */
export async function* scanFolders(
  roots: readonly string[],
  { rules = {}, signal }: ScanOptions,
): AsyncGenerator<ScanBatch, void, undefined> {
  const scan = new FolderScan(scanFilter(rules), signal);
  for (const root of roots) yield* scan.addRoot(resolve(root));
  yield* scan.output.rest();
}

class FolderScan {
  readonly output = new ScanOutput();
  readonly #filter: ScanFilter;
  readonly #signal: AbortSignal;
  readonly #entered = new Set<string>();

  constructor(filter: ScanFilter, signal: AbortSignal) {
    this.#filter = filter;
    this.#signal = signal;
  }

  async *addRoot(file: string): AsyncGenerator<ScanBatch> {
    this.#signal.throwIfAborted();
    const place = { file, path: basename(file), below: '' };
    const seen = await look(file);
    if (seen.stats === undefined) this.output.pass(place, seen.reason);
    else if (seen.stats.isDirectory()) yield* this.#walk({ ...place, within: undefined });
    else this.#addFile(place, seen.stats);
    yield* this.output.fullBatches();
  }

  /** With a list instead of a recursion: a batch would have to pass through a generator of each level. */
  async *#walk(root: Folder): AsyncGenerator<ScanBatch> {
    const waiting = [root];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      this.#signal.throwIfAborted();
      const reading = await readFolder(folder, this.#entered);
      if (reading.reason !== undefined) {
        this.output.pass(folder, reading.reason);
        continue;
      }
      const folders: Entry[] = [];
      for (const batch of this.#worthALook(reading.entries, folders)) {
        folders.push(...(await this.#look(batch)));
        yield* this.output.fullBatches();
      }
      const below = folders.filter((entry) => this.#isEntered(entry));
      // The last of the list is the next one.
      below.sort((a, b) => (a.below < b.below ? 1 : -1));
      for (const entry of below) waiting.push({ ...entry, within: reading.self });
    }
  }

  /** Files and links in batches; folders go to `folders`, what is not wanted is passed over. */
  *#worthALook(entries: Iterable<Entry>, folders: Entry[]): Generator<readonly Entry[], void, undefined> {
    let batch: Entry[] = [];
    for (const entry of entries) {
      if (entry.kind === 'folder') folders.push(entry);
      else if (this.#isWorthALook(entry)) batch.push(entry);
      if (batch.length < SCAN_BATCH && !this.output.isFull) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }

  /** Adds the files among them and answers the links that lead to folders. */
  async #look(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const files = entries.map(({ file }) => file);
    const looks = await statFiles(files, { concurrency: LOOKS_AT_ONCE, signal: this.#signal });
    return entries.filter((entry, index) => {
      const seen = looks[index];
      if (seen?.stats?.isDirectory() === true) return true;
      if (seen !== undefined) this.#judge(entry, seen);
      return false;
    });
  }

  #judge(entry: Entry, seen: Look): void {
    if (seen.stats === undefined) this.output.pass(entry, seen.reason);
    // Only now is it known of a link that it leads to no folder, whose name may be any.
    else if (entry.kind !== 'link' || this.#isTaken(entry)) this.#addFile(entry, seen.stats);
  }

  #addFile(place: Place, stats: Stats): void {
    if (!stats.isFile()) return this.output.pass(place, 'notFile');
    const { file, path } = place;
    this.output.find({ file, path, sizeBytes: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino });
  }

  #isWorthALook(entry: Entry): boolean {
    switch (entry.kind) {
      case 'folder':
        return false;
      case 'link':
        return true;
      case 'file':
        return this.#isTaken(entry);
      case 'other':
        this.output.pass(entry, 'notFile');
        return false;
    }
  }

  #isTaken(entry: Entry): boolean {
    if (!hasImageExtension(entry.file)) this.output.pass(entry, 'notImage');
    else if (!this.#filter.takesFile(entry.below)) this.output.pass(entry, 'excluded');
    else return true;
    return false;
  }

  #isEntered(entry: Entry): boolean {
    const isEntered = this.#filter.entersFolder(entry.below);
    if (!isEntered) this.output.pass(entry, 'excluded');
    return isEntered;
  }
}
