import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { encodeStatusFile } from '@imagefleet/shared/common/status-file/encode-status-file.ts';
import { keptGeneration } from '@imagefleet/shared/common/status-file/kept-generation.ts';
import type { StatusContent } from '@imagefleet/shared/common/status-file/status-content.ts';
import { lookAt, type FileLook, type StatusFileSetting } from './held-status.ts';
import { ProblemLog } from './problem-log.ts';
import type { StatusDisk } from './status-disk.ts';
import { writeFailure, type StatusFileProblem } from './status-problem.ts';

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

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
  #mark: string | null = null;
  #generation = 0;
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
    this.#running = look.then(() => this.#work());
    return look;
  }

  /** From now on the file is to say this. Begins at once: a decision waits for nothing but the disk. */
  want(content: StatusContent): void {
    this.#wanted = content;
    this.#due();
  }

  /** Looks whether somebody else changed or removed the file, and puts it right. */
  check(): void {
    if (this.#wanted === null || this.#retry !== undefined || this.#isStopped) return;
    this.#isToCheck = true;
    this.#run();
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
      if (this.#isDue) await this.#tryWanted();
      else await this.#look();
    }
    this.#running = null;
  }

  async #look(): Promise<void> {
    this.#isToCheck = false;
    const mark = await this.#disk.mark(this.#file.path).catch(() => null);
    if (mark === this.#mark) return;
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
    if (!(await this.#isThere(content))) {
      const text = encodeStatusFile(content, this.#file);
      this.#isInDoubt = true;
      await this.#disk.replace(path, text);
      this.#isInDoubt = false;
      this.#logger.info('statusFile.written', { path, generation: content.generation });
    }
    this.#generation = content.generation;
    this.#mark = await this.#disk.mark(path);
  }

  async #isThere(content: StatusContent): Promise<boolean> {
    if (this.#isInDoubt) return false;
    // What cannot be read may still be replaced; if not, that tells the cause.
    const text = await this.#disk.read(this.#file.path).catch(() => undefined);
    return text !== undefined && keptGeneration(text, content, this.#file) === content.generation;
  }
}
