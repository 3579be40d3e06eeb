import { encodeLease, leasePath } from '@imagefleet/shared/common/status-file/lease.ts';
import { ProblemLog } from './problem-log.ts';
import type { StatusFileWriterDeps } from './status-file-writer.ts';
import type { StatusDisk } from './status-disk.ts';
import { writeFailure, type StatusFileProblem } from './status-problem.ts';

/** Writes the lease beside one status file. */
export class LeaseWriter {
  readonly #path: string;
  readonly #periodMs: number;
  readonly #disk: StatusDisk;
  readonly #problems: ProblemLog;
  #counter = 0;
  #running: Promise<void> | null = null;

  constructor(statusFile: string, periodMs: number, deps: StatusFileWriterDeps) {
    this.#path = leasePath(statusFile);
    this.#periodMs = periodMs;
    this.#disk = deps.disk;
    this.#problems = new ProblemLog(this.#path, deps);
  }

  get problem(): StatusFileProblem | null {
    return this.#problems.problem;
  }

  /** Counts on from what a monitor before this one wrote, so that no reader takes the next one for the last one. */
  goOnFrom(counter: number): void {
    this.#counter = Math.max(this.#counter, counter % Number.MAX_SAFE_INTEGER);
  }

  /** Removes what a killed monitor left. Never rejects. */
  async sweep(): Promise<void> {
    // What cannot be swept is told by the next write.
    await this.#disk.sweep(this.#path).catch(() => undefined);
  }

  /** One more period is over. While the last one is not written yet, this one is left out. */
  renew(generation: number): void {
    this.#running ??= this.#write(generation).finally(() => (this.#running = null));
  }

  async stop(): Promise<void> {
    await this.#running;
  }

  async #write(generation: number): Promise<void> {
    this.#counter += 1;
    const lease = { generation, counter: this.#counter, periodMs: this.#periodMs };
    try {
      // Not synced: after a power cut there is no monitor, and a lease that is old, empty or gone says just that. Two
      // syncs a file every period would be the most work that a calm monitor does.
      await this.#disk.replaceLightly(this.#path, encodeLease(lease));
      this.#problems.succeeded();
    } catch (error) {
      this.#problems.failed(writeFailure(error, this.#path));
    }
  }
}
