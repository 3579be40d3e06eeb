import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import type { WatcherReport } from './status-watcher.ts';

export interface RewriterOptions {
  /** How many of the files it keeps, default all. */
  readonly files?: number;
  readonly leasePeriodMs?: number;
  /** Its end is expected, whatever it says to it. */
  readonly isQuiet?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A rewriter of the status files in a folder, which is killed at some time. */
export class StatusRewriter {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #generation = 0;
  #onGeneration: () => void = () => undefined;

  constructor(folder: string, options: RewriterOptions = {}) {
    const { files = 3, leasePeriodMs = 20 } = options;
    const args = [join(import.meta.dirname, 'status-rewriter.ts'), folder, String(files), String(leasePeriodMs)];
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', options.isQuiet === true ? 'ignore' : 'inherit'],
      env: { ...process.env, ...options.env },
    });
    this.#exited = once(this.#child, 'exit');
    if (this.#child.stdout === null) throw new Error('the rewriter has no output');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#generation = Number(line);
      this.#onGeneration();
    });
  }

  /** The last generation that it knew in all files; 0 before the first. */
  get generation(): number {
    return this.#generation;
  }

  /** Resolves when it has written something, or has ended. */
  async begun(): Promise<void> {
    const first = new Promise<void>((resolve) => (this.#onGeneration = resolve));
    if (this.#generation === 0) await Promise.race([first, this.#exited]);
  }

  /** Kills it, unless it has ended by itself; resolves with how it ended. */
  async kill(): Promise<unknown> {
    this.#child.kill('SIGKILL');
    return this.#exited;
  }

  /** Resolves with exit code and signal when it ends by itself. */
  async ended(): Promise<unknown> {
    return this.#exited;
  }
}

/** Runs a rewriter for a random moment and kills it; answers the last generation that it knew in all files. */
export async function rewriteUntilKilled(folder: string, random: () => number): Promise<number> {
  const rewriter = new StatusRewriter(folder);
  await rewriter.begun();
  await delay(random() * 1000);
  const end = await rewriter.kill();
  if (!isDeepStrictEqual(end, [null, 'SIGKILL'])) throw new Error(`the rewriter ended by itself: ${String(end)}`);
  return rewriter.generation;
}

/** A watcher of the status files in a folder. */
export class StatusWatcher {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(folder: string) {
    this.#child = spawn(process.execPath, [join(import.meta.dirname, 'status-watcher.ts'), folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (this.#child.stdout === null) throw new Error('the watcher has no output');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Resolves when it reads. */
  async ready(): Promise<void> {
    await this.#lines.next();
  }

  async report(): Promise<WatcherReport> {
    this.#child.stdin?.end();
    const { value } = (await this.#lines.next()) as { value: string };
    return JSON.parse(value) as WatcherReport;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
