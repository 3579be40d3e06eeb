import type { Language } from './language.ts';

/** What a command touches of the process it runs in; tests hand in their own. */
export interface CliContext {
  /** The program's own version. */
  readonly version: string;
  readonly language: Language;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** One line to standard output. */
  readonly out: (line: string) => void;
  /** One line to standard error, where people read while machines read standard output. */
  readonly err: (line: string) => void;
  /** Standard input, opened when it is asked for. It ends early when nobody reads our output any more. */
  readonly input: () => AsyncIterable<Uint8Array>;
  /** Whether standard error is a terminal, on which a bar may move. */
  readonly isTerminal: boolean;
  readonly now: () => number;
  /** First SIGINT or SIGTERM, or the end of the process that started us. A second one ends the process at once. */
  readonly stopSignal: () => AbortSignal;
  /** How this program was started, for children and for commands that a person can copy. */
  readonly self: SelfCommand;
}

export interface SelfCommand {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly script: string;
  /** As a person types it, such as `npx imagefleet`. */
  readonly typed: string;
}

/** Ends a command with an exit code after everything was said. 1: something failed; 2: usage or configuration. */
export class ExitWith extends Error {
  override readonly name = 'ExitWith';
  readonly exitCode: 0 | 1 | 2;
  constructor(exitCode: 0 | 1 | 2) {
    super(`exit with ${String(exitCode)}`);
    this.exitCode = exitCode;
  }
}
