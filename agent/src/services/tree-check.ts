import { setTimeout as sleep } from 'node:timers/promises';
import { parseImagePath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Catalog, CatalogRecord } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { ImageTree } from '#store/image-tree.ts';
import { hasCopy } from './has-copy.ts';

/** Records or files that are looked at in one go. */
const SLICE = 200;
/** After each slice it rests so many times as long as the slice took, and at least so long: uploads come first. */
const REST_FACTOR = 3;
const MIN_REST_MS = 20;
/** Findings of each kind that get a line in the log; the numbers are in the report. */
const MAX_LINES = 20;

export interface TreeReport {
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly recordsChecked: number;
  readonly filesChecked: number;
  /** Records whose file is gone, or not of the record's size. */
  readonly recordsWithoutFile: number;
  /** Files under the path of an image that no record speaks of. */
  readonly filesWithoutRecord: number;
  /** Files at paths that lost to another spelling of the same path, and lie in the trash now. */
  readonly otherSpellings: number;
}

export interface TreeCheckDeps {
  readonly catalog: Pick<Catalog, 'listImages' | 'findManyAnyCase' | 'find'>;
  readonly store: Pick<ImageStore, 'open'>;
  readonly tree: ImageTree;
  readonly now: () => number;
  /** Rests between two slices; ends early, without failing, when the signal says so. */
  readonly rest?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called once, at the end, when there are records whose file is gone: the files can be had again from other servers. */
  readonly onFilesMissing: () => void;
  /** Moves a file to the trash whose path differs from that of its record in upper and lower case. False: it is that record's file. */
  readonly dropSpelling: (path: ImagePath) => Promise<boolean>;
  readonly logger: Logger;
}

type Finding = 'recordsWithoutFile' | 'filesWithoutRecord' | 'otherSpellings';
const EVENTS: Readonly<Record<Finding, string>> = {
  otherSpellings: 'treeCheck.otherSpellingDropped',
  recordsWithoutFile: 'treeCheck.recordWithoutFile',
  filesWithoutRecord: 'treeCheck.fileWithoutRecord',
};

/**
 * Compares records and files once after each start, in the background and in slices, and reports what does not fit. It
 * reads no bytes. All it changes is what a crash left of two spellings of one path: the loser goes to the trash.
 */
export class TreeCheck {
  readonly #deps: TreeCheckDeps;
  readonly #rest: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #report = { recordsChecked: 0, filesChecked: 0, recordsWithoutFile: 0, filesWithoutRecord: 0, otherSpellings: 0 };
  #state: TreeReport['state'] = 'waiting';

  constructor(deps: TreeCheckDeps) {
    this.#deps = deps;
    this.#rest = deps.rest ?? restUnlessStopped;
  }

  get report(): TreeReport {
    return { state: this.#state, ...this.#report };
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Returns when no slice runs any more; call before store and catalog stop. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Returns when the check is through; for tests. */
  done(): Promise<void> {
    return this.#running;
  }

  async #run(): Promise<void> {
    const { logger, now } = this.#deps;
    const startedAt = now();
    this.#state = 'running';
    try {
      await this.#checkRecords();
      await this.#checkFiles(startedAt);
      if (this.#stopped.signal.aborted) return;
      this.#state = 'done';
      const hasFindings = this.#report.recordsWithoutFile + this.#report.filesWithoutRecord > 0;
      logger[hasFindings ? 'warn' : 'info']('treeCheck.done', { ...this.#report, tookMs: now() - startedAt });
      if (this.#report.recordsWithoutFile > 0) this.#deps.onFilesMissing();
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      this.#state = 'failed';
      logger.warn('treeCheck.failed', { ...this.#report, error });
    }
  }

  async #checkRecords(): Promise<void> {
    const { catalog, tree } = this.#deps;
    let after: string | undefined;
    do {
      const isOver = await this.#slice(async () => {
        const records = await catalog.listImages({ limit: SLICE, after });
        const files = await tree.look(records.map(({ path }) => path));
        for (const [index, record] of records.entries()) {
          if (files[index]?.sizeBytes !== record.sizeBytes && (await this.#isWithoutFile(record))) {
            this.#found('recordsWithoutFile', record.path);
          }
        }
        this.#report.recordsChecked += records.length;
        after = records.at(-1)?.path;
        return records.length < SLICE;
      });
      if (isOver) return;
    } while (!this.#stopped.signal.aborted);
  }

  /** An overwrite may have come between the two looks, or its bytes may still lie in the tmp area. */
  async #isWithoutFile({ path, version }: PresentRecord): Promise<boolean> {
    const { catalog, store } = this.#deps;
    const record = await catalog.find(path);
    return record?.kind === 'present' && record.version === version && !(await hasCopy(store, record));
  }

  async #checkFiles(startedAt: number): Promise<void> {
    let paths: string[] = [];
    for await (const path of this.#deps.tree.walk()) {
      if (this.#stopped.signal.aborted) return;
      if (imagePathOf(path) !== undefined) paths.push(path);
      if (paths.length < SLICE) continue;
      const slice = paths;
      paths = [];
      await this.#slice(() => this.#checkSlice(slice, startedAt));
    }
    await this.#checkSlice(paths, startedAt);
  }

  async #checkSlice(paths: readonly string[], startedAt: number): Promise<void> {
    const known = await this.#deps.catalog.findManyAnyCase(paths);
    const unknown = paths.filter((path) => !isPresentAt(path, known.get(path)));
    const files = await this.#deps.tree.look(unknown);
    for (const [index, path] of unknown.entries()) {
      const file = files[index];
      // What this process has taken in may be on its way from its name to its record; the next start looks at it.
      if (file === undefined || file.modifiedAt >= startedAt) continue;
      if (known.get(path)?.kind !== 'present') this.#found('filesWithoutRecord', path);
      else if (await this.#deps.dropSpelling(parseImagePath(path))) this.#found('otherSpellings', path);
    }
    this.#report.filesChecked += paths.length;
  }

  async #slice<T>(work: () => Promise<T>): Promise<T> {
    const beganAt = performance.now();
    const value = await work();
    await this.#rest(Math.max(MIN_REST_MS, REST_FACTOR * (performance.now() - beganAt)), this.#stopped.signal);
    return value;
  }

  #found(finding: Finding, path: string): void {
    this.#report[finding] += 1;
    if (this.#report[finding] <= MAX_LINES) this.#deps.logger.warn(EVENTS[finding], { path });
  }
}

function isPresentAt(path: string, record: CatalogRecord | undefined): boolean {
  return record?.kind === 'present' && record.path === path;
}

/** Undefined for what is no image of ours, such as the pages of a site whose folder this is. */
function imagePathOf(path: string): ImagePath | undefined {
  try {
    return parseImagePath(path);
  } catch {
    return undefined;
  }
}

async function restUnlessStopped(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
