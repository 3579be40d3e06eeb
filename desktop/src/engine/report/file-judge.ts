import type { FileClass, FileFailureCode } from '#bridge/engine-words.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { UploadLimits } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { sniffImageType } from '@imagefleet/shared/node/image-type.ts';
import type { FoundFile, ItemImage } from '#engine/queue/queue-item.ts';
import type { HashSome } from '#engine/queue/cached-hashes.ts';
import type { JudgedFile } from './dry-run-report.ts';
import { KnownContents } from './known-contents.ts';
import type { LookupAnywhere } from './lookup-with-fail-over.ts';
import type { QueueHistory } from './queue-history.ts';
import { readHead } from './read-head.ts';

interface Deps {
  readonly hash: HashSome;
  readonly lookup: LookupAnywhere;
  readonly history: QueueHistory;
  readonly signal: AbortSignal;
  /** New contents that are kept, to find twins among them. */
  readonly maxContents: number;
}

/** What is known of a file so far; with a class it is done. */
type Verdict = Pick<JudgedFile, 'class' | 'sizeBytes'> & Partial<Pick<JudgedFile, 'image' | 'hasSameName'>>;

interface HashedFile {
  readonly found: FoundFile;
  readonly sha256: string;
  readonly sizeBytes: number;
}

type Verdicts = Map<FoundFile, Verdict>;

/** Somebody waits for the first word; later there is work to lose. */
const START_PATIENCE_MS = 10_000;
/** Files of which the first bytes are read at the same time. */
const HEADS_AT_ONCE = 8;
const CLASS_OF_FAILURE: Readonly<Record<FileFailureCode, FileClass>> = {
  FILE_MISSING: 'vanished',
  FILE_UNREADABLE: 'unreadable',
  FILE_CHANGED: 'changed',
};

/**
 * Says of files what an upload would do with them, some at a time, in the order in which it would ask: what it tells from the
 * disk, then what the fleet has, then what servers would refuse. It keeps of each new content some bytes of its hash, and the same of its name.
 */
export class FileJudge {
  readonly #deps: Deps;
  /** Those that are new: the next file with one of them is a twin. */
  readonly #contents: KnownContents;
  #limits: UploadLimits | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#contents = new KnownContents(deps.maxContents);
  }

  get limits(): UploadLimits | null {
    return this.#limits;
  }

  /** False: there were more new contents than are kept, and what was called new may be a twin. */
  get hasAllTwins(): boolean {
    return this.#contents.isWhole;
  }

  /** A look-up of nothing tells the limits, and fails before anything is read when nobody answers. */
  async start(): Promise<void> {
    await this.#lookup([], START_PATIENCE_MS);
  }

  /** Answers in the order of `files`. Fails with the FleetError of the look-up or the queue, and with the signal's reason. */
  async judge(files: readonly FoundFile[]): Promise<readonly JudgedFile[]> {
    const verdicts: Verdicts = new Map();
    for (const found of files) {
      const early = this.#ofStat(found);
      if (early !== undefined) verdicts.set(found, early);
    }
    const unread = files.filter((found) => !verdicts.has(found));
    const hashed = await this.#read(unread, verdicts);
    const absent = await this.#ask(hashed, verdicts);
    await this.#sniff(absent, verdicts);
    for (const file of hashed) this.#remember(file, verdicts);
    return files.flatMap((found) => {
      const verdict = verdicts.get(found);
      const { file, path } = found;
      return verdict === undefined ? [] : [{ file, path, image: null, hasSameName: false, ...verdict }];
    });
  }

  #ofStat({ file, sizeBytes }: FoundFile): Verdict | undefined {
    if (this.#deps.history.isQueued(file)) return { class: 'alreadyQueued', sizeBytes };
    return this.#ofSize(sizeBytes);
  }

  #ofSize(sizeBytes: number): Verdict | undefined {
    if (sizeBytes === 0) return { class: 'empty', sizeBytes };
    return this.#limits !== null && sizeBytes > this.#limits.fileSizeBytes
      ? { class: 'tooLarge', sizeBytes }
      : undefined;
  }

  async #read(files: readonly FoundFile[], verdicts: Verdicts): Promise<readonly HashedFile[]> {
    if (files.length === 0) return [];
    const { hash, signal } = this.#deps;
    const outcomes = await hash(
      files.map(({ file }, key) => ({ key, file })),
      signal,
    );
    const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
    return files.flatMap((found, key) => {
      const outcome = byKey.get(key);
      if (outcome?.kind !== 'hashed') {
        const code = outcome?.code ?? 'FILE_UNREADABLE';
        verdicts.set(found, { class: CLASS_OF_FAILURE[code], sizeBytes: found.sizeBytes });
        return [];
      }
      const { sizeBytes } = outcome.stamp;
      // It may have been written since the scan saw it.
      const verdict = this.#ofSize(sizeBytes);
      if (verdict !== undefined) verdicts.set(found, verdict);
      return verdict === undefined ? [{ found, sha256: outcome.sha256, sizeBytes }] : [];
    });
  }

  /** Answers those of which the fleet has nothing. */
  async #ask(files: readonly HashedFile[], verdicts: Verdicts): Promise<readonly HashedFile[]> {
    const images = await this.#lookup([...new Set(files.map(({ sha256 }) => sha256))]);
    return files.filter(({ found, sha256, sizeBytes }) => {
      const image = images.get(sha256);
      if (image !== undefined) verdicts.set(found, { class: 'present', sizeBytes, image });
      return image === undefined;
    });
  }

  async #lookup(sha256: readonly string[], patienceMs?: number): Promise<ReadonlyMap<string, ItemImage>> {
    const { lookup, signal } = this.#deps;
    const { images, limits }: OperatorOutput<'lookupImages'> = await lookup(sha256, signal, patienceMs);
    this.#limits = limits ?? null;
    return new Map(images.map(({ sha256: hash, path, link }) => [hash, { path, link }]));
  }

  async #sniff(files: readonly HashedFile[], verdicts: Verdicts): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      for (let file = files[next++]; file !== undefined && !this.#deps.signal.aborted; file = files[next++]) {
        const verdict = await this.#ofHead(file);
        if (verdict !== undefined) verdicts.set(file.found, { class: verdict, sizeBytes: file.sizeBytes });
      }
    };
    await Promise.all(Array.from({ length: Math.min(HEADS_AT_ONCE, files.length) }, work));
    this.#deps.signal.throwIfAborted();
  }

  async #ofHead({ found }: HashedFile): Promise<FileClass | undefined> {
    const head = await readHead(found.file);
    if (typeof head === 'string') return head;
    const type = await sniffImageType(head);
    // Without the server's list nothing is refused that some server may take.
    const isTaken = type !== undefined && this.#limits?.mediaTypes.includes(type.mediaType) !== false;
    return isTaken ? undefined : 'unsupported';
  }

  /** In the order of the files, so that the first of several is the new one. */
  #remember({ found, sha256, sizeBytes }: HashedFile, verdicts: Verdicts): void {
    const { names } = this.#deps.history;
    const known = verdicts.get(found);
    const image = { file: found.file, sha256 };
    if (known === undefined) {
      const isTwin = this.#contents.add(sha256);
      verdicts.set(
        found,
        isTwin ? { class: 'twin', sizeBytes } : { class: 'new', sizeBytes, hasSameName: names.hasOther(image) },
      );
    }
    if (known === undefined || known.class === 'present') names.add(image);
  }
}
