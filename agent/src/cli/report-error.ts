import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { CliContext } from './cli-context.ts';

/** What the caller named is wrong, not what it was asked to do. */
const CONFIGURATION_CODES: ReadonlySet<string> = new Set([
  'CFG_INVALID',
  'CFG_UNREADABLE',
  'PORT_IN_USE',
  'STATUS_FILE_INVALID',
  'STATUS_UNREADABLE',
]);

/** Says what failed, what to do and the code, for people on standard error or for machines on standard output. Returns the exit code. */
export function reportError(
  error: unknown,
  options: { readonly context: CliContext; readonly isJson: boolean },
): 1 | 2 {
  const { context, isJson } = options;
  const fleetError =
    error instanceof FleetError ? error : new FleetError('INTERNAL', describe(error), { cause: error });
  if (isJson) context.out(JSON.stringify({ error: fleetError.toBody() }));
  else for (const line of errorLines(fleetError, context.language)) context.err(line);
  return CONFIGURATION_CODES.has(fleetError.code) ? 2 : 1;
}

function errorLines(error: FleetError, language: CliContext['language']): readonly string[] {
  const { title, todo } = errorSentence(error.code, language);
  const advice = language === 'en' ? (error.hint ?? todo) : todo;
  return [
    `imagefleet: ${title} [${error.code}]`,
    ...error.message.split('\n').map((line) => `  ${line}`),
    ...(advice === '' ? [] : [`  → ${advice}`]),
  ];
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
