import { runProgram } from '#cli/program.ts';
import type { CliContext } from '#cli/cli-context.ts';
import type { Language } from '#cli/language.ts';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line in this process, in a folder without a local fleet unless `cwd` has one. */
export async function runCli(
  args: readonly string[],
  options: { readonly language?: Language; readonly signal?: AbortSignal } & Partial<CliContext> = {},
): Promise<CliResult> {
  const out: string[] = [];
  const err: string[] = [];
  const { language = 'en', signal = new AbortController().signal, ...overrides } = options;
  const context: CliContext = {
    version: '0.1.0',
    language,
    env: {},
    cwd: '/nonexistent',
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    input: nothing,
    isTerminal: false,
    now: Date.now,
    stopSignal: () => signal,
    self: { execPath: process.execPath, execArgv: [], script: 'imagefleet.mjs', typed: 'npx imagefleet' },
    ...overrides,
  };
  const code = await runProgram(args, context);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* [];
}
