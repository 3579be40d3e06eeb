import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { environmentOf, type HookEvent } from './hook-event.ts';
import { shortened, type HookAction, type HookReport } from './hook.ts';
import { OWN_GROUP, signalGroup } from './process-group.ts';

/** Between the request to end and the end by force. */
const GRACE_MS = 2000;
/** After its program has ended, output that is on its way gets so long; something else may hold the pipe open for ever. */
const DRAIN_MS = 200;
const MAX_OUTPUT_BYTES = 64 * 1024;
const MAX_OUTPUT_CHARACTERS = 4000;
/** Settings of ours, keys among them, which are nothing for a hook. */
const OWN_VARIABLES = /^IMAGEFLEET_/;

export interface ExecHookOptions {
  /** The program and its arguments, as they are: there is no shell that could read anything into them. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
  /** What the program inherits, such as PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Program = ChildProcessByStdio<Writable, Readable, Readable>;

/** A program that is run for each event: it has the event in its environment and, as JSON, on its standard input. */
export class ExecHook implements HookAction {
  readonly name: string;
  readonly #options: ExecHookOptions;

  constructor(options: ExecHookOptions) {
    this.#options = options;
    this.name = basename(options.command[0]);
  }

  async run(event: HookEvent, signal: AbortSignal): Promise<HookReport> {
    let program: Program;
    try {
      program = this.#spawn(event);
    } catch (error) {
      return { output: '', failure: this.#failed(String(error), error) };
    }
    const output = new OutputTail(program);
    // Whoever reads nothing must not fail the hook.
    program.stdin.on('error', () => undefined);
    program.stdin.end(`${JSON.stringify(event)}\n`);
    const failure = await this.#ended(program, signal);
    await output.drained();
    return { output: output.text(), failure };
  }

  #spawn(event: HookEvent): Program {
    const { command, environment } = this.#options;
    const [file, ...args] = command;
    const inherited = Object.entries(environment).filter(([name]) => !OWN_VARIABLES.test(name));
    return spawn(file, args, {
      ...OWN_GROUP,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(inherited), ...environmentOf(event) },
    });
  }

  #ended(program: Program, signal: AbortSignal): Promise<FleetError | null> {
    const { promise, resolve } = Promise.withResolvers<FleetError | null>();
    const { timeoutMs } = this.#options;
    let ended: FleetError | null = null;
    let force: NodeJS.Timeout | undefined;
    const end = (reason: string): void => {
      if (ended !== null || program.pid === undefined) return;
      ended = new FleetError('HOOK_TIMEOUT', `${this.name} ${reason}`);
      const { pid } = program;
      signalGroup(pid, 'SIGTERM');
      force = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
    };
    const deadline = setTimeout(() => end(`did not end within ${String(timeoutMs)} ms`), timeoutMs);
    const onAbort = (): void => end('was ended because the monitor stops');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    program.once('error', (error) => resolve(this.#failed(error.message, error)));
    program.once('exit', (code, killedBy) => {
      if (ended !== null) {
        // The leader is gone; what it started and did not end goes with it.
        if (program.pid !== undefined) signalGroup(program.pid, 'SIGKILL');
        resolve(ended);
      } else if (code === 0) resolve(null);
      else resolve(this.#failed(killedBy === null ? `exit code ${String(code)}` : `ended by ${killedBy}`));
    });
    return promise.finally(() => {
      clearTimeout(deadline);
      clearTimeout(force);
      signal.removeEventListener('abort', onAbort);
    });
  }

  #failed(reason: string, cause?: unknown): FleetError {
    return new FleetError('HOOK_FAILED', `${this.name} failed: ${reason}`, cause === undefined ? {} : { cause });
  }
}

/** Reads all that a program writes, and keeps a bounded part of it. */
class OutputTail {
  readonly #program: Program;
  readonly #chunks: Buffer[] = [];
  #sizeBytes = 0;

  constructor(program: Program) {
    this.#program = program;
    for (const stream of [program.stdout, program.stderr]) {
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => {
        if (this.#sizeBytes < MAX_OUTPUT_BYTES) this.#chunks.push(chunk);
        this.#sizeBytes += chunk.byteLength;
      });
    }
  }

  async drained(): Promise<void> {
    const streams = [this.#program.stdout, this.#program.stderr];
    const ends = streams.map((stream) => new Promise<void>((resolve) => void stream.once('close', () => resolve())));
    if (streams.every((stream) => stream.closed)) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), DRAIN_MS);
    await Promise.race([Promise.all(ends.filter((_, index) => streams[index]?.closed === false)), promise]);
    clearTimeout(timer);
    for (const stream of streams) stream.destroy();
    this.#program.stdin.destroy();
  }

  text(): string {
    return shortened(Buffer.concat(this.#chunks).toString('utf8').trim(), MAX_OUTPUT_CHARACTERS);
  }
}
