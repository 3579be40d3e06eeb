import { spawn, type ChildProcess } from 'node:child_process';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliContext } from './cli-context.ts';
import { BoundedLog } from './bounded-log.ts';
import type { AgentSeat } from './fleet-layout.ts';
import { AGENT_ENVIRONMENT, AGENT_NODE_FLAGS } from './process-environment.ts';

const MAX_LOG_BYTES = 10 * 1024 * 1024;
/** Longer than an agent's own limit, so that it can say what it did not finish. */
const KILL_AFTER_MS = 20_000;
const LAST_WORDS_BYTES = 2000;
/** For what an agent wrote last and is still in the pipe. */
const DRAIN_LIMIT_MS = 1000;
/** Settings that are one agent's own: from the environment they would make all agents the same. */
const OWN_SETTINGS: ReadonlySet<string> = new Set(
  'SERVER KEY NAME LISTEN PUBLICURL DATADIR SECURITYKEY IMAGESDIR LOGDIR'
    .split(' ')
    .map((name) => `IMAGEFLEET_${name}`),
);

export interface ChildExit {
  readonly seat: AgentSeat;
  /** Exit code or signal. */
  readonly reason: string;
  /** End of what it wrote to standard error. */
  readonly lastWords: string;
}

/** An agent in its own process, which ends with ours: the channel between them closes however we end. */
export class ChildAgent {
  readonly seat: AgentSeat;
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcess;

  private constructor(seat: AgentSeat, child: ChildProcess, exited: Promise<ChildExit>) {
    this.seat = seat;
    this.#process = child;
    this.exited = exited;
  }

  static start(seat: AgentSeat, context: CliContext): ChildAgent {
    const { execPath, execArgv, script } = context.self;
    const child = spawn(execPath, [...AGENT_NODE_FLAGS, ...execArgv, script, 'agent', '--config', seat.configFile], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: childEnvironment(context.env),
      // Its own process group: Ctrl-C in the terminal reaches us alone, and we stop the agents in good order.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    return new ChildAgent(seat, child, watch(seat, child));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined;
  }

  /** Asks it to stop and waits; kills it when it does not. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    // A channel that closes means stop on every platform; Windows knows no polite signal.
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), KILL_AFTER_MS);
    await this.exited;
    clearTimeout(timer);
  }
}

function watch(seat: AgentSeat, child: ChildProcess): Promise<ChildExit> {
  const log = new BoundedLog(seat.logFile, MAX_LOG_BYTES);
  log.open();
  let lastWords = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    log.write(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    log.write(chunk);
    lastWords = (lastWords + chunk.toString('utf8')).slice(-LAST_WORDS_BYTES);
  });
  return new Promise((resolve) => {
    const end = (reason: string): void => {
      log.close();
      resolve({ seat, reason, lastWords: lastWords.trim() });
    };
    child.once('error', (error) => {
      end(error.message);
    });
    // Not 'close', which never comes once we have closed the channel ourselves; the output is waited for here instead.
    child.once('exit', (code, signal) => {
      const drained = [child.stdout, child.stderr].flatMap((stream) => (stream === null ? [] : [finished(stream)]));
      void Promise.race([Promise.allSettled(drained), sleep(DRAIN_LIMIT_MS, undefined, { ref: false })]).then(() => {
        end(signal ?? `exit code ${String(code)}`);
      });
    });
  });
}

function childEnvironment(env: CliContext['env']): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !OWN_SETTINGS.has(name.toUpperCase()));
  return { ...Object.fromEntries(kept), ...AGENT_ENVIRONMENT };
}
