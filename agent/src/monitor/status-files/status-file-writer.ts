import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { encodeStatusFile } from '@imagefleet/shared/common/status-file/encode-status-file.ts';
import { keptGeneration } from '@imagefleet/shared/common/status-file/kept-generation.ts';
import type { StatusContent } from '@imagefleet/shared/common/status-file/status-content.ts';
import { lookAt, type FileLook, type StatusFileSetting } from './held-status.ts';
import { ProblemLog } from './problem-log.ts';
import type { StatusDisk } from './status-disk.ts';
import { hungDisk, writeFailure, type StatusFileProblem } from './status-problem.ts';

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** A call of the disk that is still not back at so many looks hangs. */
const HUNG_AFTER_CHECKS = 5;

export interface StatusFileWriterDeps {
  readonly disk: StatusDisk;
  readonly logger: Logger;
  /** Epoch milliseconds, for people. */
  readonly now: () => number;
}

/**
 * Keeps one status file as it should be. All its calls of the disk stand in one line, so that a disk that hangs costs one
 * thread and delays no other file; of what is to be written only the newest waits.
 */
export class StatusFileWriter {
  readonly #file: StatusFileSetting;
  readonly #disk: StatusDisk;
  readonly #logger: Logger;
  readonly #problems: ProblemLog;
  #running: Promise<void> | null = null;
  #wanted: StatusContent | null = null;
  #isDue = false;
  #isToCheck = false;
  /** A write failed somewhere between its first and last step: what is on the disk proves nothing, not even if it looks right. */
  #isInDoubt = false;
  /** What this writer knows to be on the disk, and by which mark the file is still the one that has it. */
  #onDisk: StatusContent | null = null;
  #mark: string | null = null;
  #generation = 0;
  #checksInVain = 0;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(file: StatusFileSetting, deps: StatusFileWriterDeps) {
    this.#file = file;
    this.#disk = deps.disk;
    this.#logger = deps.logger;
    this.#problems = new ProblemLog(file.path, deps);
  }

  get problem(): StatusFileProblem | null {
    return this.#problems.problem;
  }

  /** Of what is known to be on the disk; 0 when nothing is. */
  get generation(): number {
    return this.#generation;
  }

  /** Removes what a killed monitor left and tells what the file says. Never rejects; waits as long as the disk does. */
  async start(): Promise<FileLook> {
    const look = this.#firstLook();
    this.#running = look.then(() => {
      this.#problems.succeeded();
      return this.#work();
    });
    return look;
  }

  /** From now on the file is to say this. Begins at once: a decision waits for nothing but the disk. */
  want(content: StatusContent): void {
    this.#wanted = content;
    this.#due();
  }

  /** One more period is over: sees to it that the file is still there as it was written, or that its disk hangs. */
  check(): void {
    if (this.#isStopped) return;
    if (this.#running !== null) {
      this.#checksInVain += 1;
      if (this.#checksInVain >= HUNG_AFTER_CHECKS) this.#problems.failed(hungDisk(this.#file.path));
    } else if (this.#wanted !== null && this.#retry === undefined) {
      this.#isToCheck = true;
      this.#run();
    }
  }

  /** Resolves when the newest content is on the disk, or has failed to get there. */
  async tried(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Nothing is begun any more, but what waits is still written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    await this.tried();
  }

  #due(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#isDue = true;
    this.#run();
  }

  #run(): void {
    this.#running ??= this.#work();
  }

  async #firstLook(): Promise<FileLook> {
    const { path } = this.#file;
    try {
      await this.#disk.sweep(path);
    } catch (error) {
      // A folder that cannot be read cannot be written either, or it can: the first write tells.
      this.#logger.debug('statusFile.notSwept', { path, error });
    }
    const look = await lookAt(this.#file, this.#disk);
    this.#generation = look.decoded?.generation ?? 0;
    return look;
  }

  async #work(): Promise<void> {
    // Never ends before its first await, or its own promise would be kept as one that runs.
    await Promise.resolve();
    while (this.#isDue || this.#isToCheck) {
      this.#checksInVain = 0;
      if (this.#isDue) await this.#tryWanted();
      else await this.#look();
    }
    this.#running = null;
  }

  async #look(): Promise<void> {
    this.#isToCheck = false;
    const mark = await this.#disk.mark(this.#file.path).catch(() => null);
    if (mark === this.#mark) {
      this.#problems.succeeded();
      return;
    }
    this.#logger.warn('statusFile.changedByOthers', { path: this.#file.path, isMissing: mark === null });
    this.#isDue = true;
  }

  async #tryWanted(): Promise<void> {
    const content = this.#wanted;
    this.#isDue = false;
    this.#isToCheck = false;
    if (content === null) return;
    try {
      await this.#bring(content);
      this.#failures = 0;
      this.#problems.succeeded();
    } catch (error) {
      this.#problems.failed(writeFailure(error, this.#file.path));
      const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
      this.#failures += 1;
      if (this.#isStopped) return;
      this.#retry = setTimeout(() => this.#due(), delayMs);
    }
  }

  async #bring(content: StatusContent): Promise<void> {
    const { path } = this.#file;
    let generation = await this.#generationThere(content);
    if (generation === undefined) {
      const text = encodeStatusFile(content, this.#file);
      this.#isInDoubt = true;
      await this.#disk.replace(path, text);
      this.#isInDoubt = false;
      generation = content.generation;
      this.#logger.info('statusFile.written', { path, generation });
    }
    this.#generation = generation;
    this.#mark = await this.#disk.mark(path);
    this.#onDisk = content;
  }

  /**
   * The generation under which the file says this already; a higher one is that of another monitor of the same file, with
   * which there is nothing to quarrel about. Undefined when the file is to be written.
   */
  async #generationThere(content: StatusContent): Promise<number | undefined> {
    const { path } = this.#file;
    if (this.#isInDoubt) return undefined;
    // The file that this writer left need not be read, which takes long with thousands of servers.
    const isAsLeft = this.#onDisk !== null && (await this.#disk.mark(path).catch(() => null)) === this.#mark;
    if (isAsLeft) return this.#onDisk === content ? this.#generation : undefined;
    // What cannot be read may still be replaced; if not, that tells the cause.
    const text = await this.#disk.read(path).catch(() => undefined);
    const kept = text === undefined ? undefined : keptGeneration(text, content, this.#file);
    return kept !== undefined && kept >= content.generation ? kept : undefined;
  }
}
