import { constants } from 'node:os';
import { basename } from 'node:path';
import type { CliContext } from './cli-context.ts';
import { chooseLanguage } from './language.ts';

/** Repeats of one Ctrl-C that reach us by two ways within this time count once. */
const SAME_SIGNAL_MS = 300;

/** The context of the real process. */
export function processContext(argv: readonly string[], version: string): CliContext {
  const script = argv[1] ?? '';
  // A reader that closes early, such as `head`, is not an error of ours.
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  return {
    version,
    language: chooseLanguage(argv.slice(2), process.env),
    env: process.env,
    cwd: process.cwd(),
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    input: readInput,
    isTerminal: process.stderr.isTTY,
    now: Date.now,
    stopSignal: once(listenForStop),
    self: { execPath: process.execPath, execArgv: process.execArgv, script, typed: typedAs(script) },
  };
}

/** Without the end of the output as an end, `yes | imagefleet resolve … | head` would run for ever. */
async function* readInput(): AsyncGenerator<Uint8Array> {
  const closed = new AbortController();
  const endInput = () => {
    closed.abort();
    process.stdin.destroy();
  };
  process.stdout.once('close', endInput);
  try {
    for await (const chunk of process.stdin) yield chunk as Buffer;
  } catch (error) {
    // A stream that is destroyed while it is read says that it ended too early.
    if (!closed.signal.aborted) throw error;
  } finally {
    process.stdout.off('close', endInput);
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function listenForStop(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const stop = (signal: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      firstAt = Date.now();
      controller.abort();
    } else if (Date.now() - firstAt > SAME_SIGNAL_MS) {
      process.exit(128 + constants.signals[signal]);
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  // Whoever started us with a channel wants us to end with it, also when it was killed.
  if (process.channel !== undefined) {
    process.on('disconnect', () => {
      controller.abort();
    });
    // A command that has done its work ends; listening to the channel must not keep it.
    process.channel.unref();
  }
  return controller.signal;
}

function typedAs(script: string): string {
  const name = basename(script);
  if (name === 'imagefleet.mjs' && !script.includes('node_modules')) return `node ${script}`;
  return 'npx imagefleet';
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
