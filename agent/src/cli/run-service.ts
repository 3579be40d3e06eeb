import { flushCompileCache } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { destination } from 'pino';
import { createPinoLogger, type LogLevel } from '#agent/log/pino-logger.ts';
import type { CliContext } from './cli-context.ts';

/** What has not stopped by then has lost a disk or a peer; what is on the disk survives it. */
const STOP_LIMIT_MS = 15_000;
/** For a start that was told to stop. */
const STOPPED_START_LIMIT_MS = 5000;
/** A start that takes longer is told of; large catalogs take a second or two. */
const SLOW_START_MS = 10_000;
/** For what could not start: time to say why, and for what had started to let go. */
const FAILED_START_LIMIT_MS = 2000;
/** Log that a reader does not take, such as a stopped terminal, is dropped from here on; it must not stop the work. */
const MAX_LOG_BACKLOG_BYTES = 16 * 1024 * 1024;

export interface ServiceTexts {
  readonly ready: (name: string, url: string) => string;
  readonly warning: (sentence: string) => string;
  readonly stopping: string;
  readonly stopLate: string;
  readonly startSlow: string;
}

export interface ServiceOptions {
  readonly json?: boolean;
  readonly logLevel: LogLevel;
}

/** A program whose configuration has been read. */
export interface LoadedService {
  readonly name: string;
  /** Whole sentences. */
  readonly warnings: readonly string[];
  start(logger: Logger, onFatal: (error: unknown) => void): Promise<RunningService>;
}

export interface RunningService {
  readonly url: string;
  stop(): Promise<void>;
}

export interface ServiceRun {
  /** Begin of the names of its events, such as `agent.ready`. */
  readonly kind: 'agent' | 'monitor';
  readonly options: ServiceOptions;
  readonly context: CliContext;
  readonly texts: ServiceTexts;
  /** Reads the configuration, and loads the program's code only now, so that other commands start fast. */
  readonly load: () => Promise<LoadedService>;
}

/**
 * Runs a service in the foreground until it is told to stop, then ends the process: JSON lines on standard output, what
 * people read on standard error. Throws what keeps it from starting.
 */
export async function runService({ kind, options, context, texts, load }: ServiceRun): Promise<void> {
  const stopSignal = context.stopSignal();
  const tell = (sentence: string): void => {
    if (options.json !== true) context.err(sentence);
  };
  const service = await load();
  const log = destination({ dest: 1, sync: false, maxLength: MAX_LOG_BACKLOG_BYTES });
  const logger = createPinoLogger({ level: options.logLevel, server: service.name, destination: log });
  for (const sentence of service.warnings) {
    logger.warn('config.warning', { sentence });
    tell(texts.warning(sentence));
  }
  try {
    const starting = service.start(logger, (error) => {
      // Whoever watches the process starts it again; going on would serve nobody.
      logger.error(`${kind}.failed`, { error });
      process.exit(1);
    });
    const slow = setTimeout(() => {
      logger.warn(`${kind}.startSlow`, { afterMs: SLOW_START_MS });
      tell(texts.startSlow);
    }, SLOW_START_MS);
    const running = await Promise.race([starting, aborted(stopSignal)]).finally(() => clearTimeout(slow));
    if (running === undefined) {
      tell(texts.stopping);
      const isStopped = await within(
        starting.then((late) => late.stop()),
        STOPPED_START_LIMIT_MS,
      );
      logger.warn(`${kind}.startStopped`, { isStopped });
      log.flushSync();
      if (isStopped) process.exit(0);
      // A call that hangs in a disk would keep any gentler end waiting; what is on the disk survives this one.
      process.kill(process.pid, 'SIGKILL');
      return;
    }
    logger.info(`${kind}.ready`, { url: running.url, pid: process.pid });
    tell(texts.ready(service.name, running.url));
    // A process that is killed later writes no cache at its end; the next start is the faster and smaller for it.
    flushCompileCache();
    await aborted(stopSignal);
    tell(texts.stopping);
    const isStopped = await within(running.stop(), STOP_LIMIT_MS);
    if (isStopped) logger.info(`${kind}.stopped`);
    else logger.warn(`${kind}.stopLate`, { limitMs: STOP_LIMIT_MS });
    if (!isStopped) tell(texts.stopLate);
    log.flushSync();
    // Connections that clients keep open, and the channel to a parent, must not keep the process.
    process.exit(isStopped ? 0 : 1);
  } catch (error) {
    logger.error(`${kind}.failed`, { error });
    // What had started by then, such as a thread, must not keep a process that serves nobody.
    setTimeout(() => process.exit(1), FAILED_START_LIMIT_MS).unref();
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** Whether it was done in time. A failure of the work itself is the caller's. */
async function within(work: Promise<void>, limitMs: number): Promise<boolean> {
  const settled = new AbortController();
  try {
    return await Promise.race([work.then(() => true), sleep(limitMs, false, { signal: settled.signal })]);
  } finally {
    settled.abort();
  }
}
