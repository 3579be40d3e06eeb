import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { answerOf } from '#bridge/bridge-error.ts';
import type { DesktopAnswer } from '#bridge/desktop-bridge.ts';
import { parseInput } from '#bridge/parse-input.ts';
import { SHELL_API, type ShellHandlers, type ShellMethodName } from '#bridge/shell-api.ts';
import { isTooLarge } from './call-size.ts';
import { isTrusted, type Sender } from './trusted-sender.ts';
import { refusal, type EngineCall } from './waiting-calls.ts';

const MAX_NAME = 100;
/** A thousand long paths fit in. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
/** Links of a hundred thousand images, for the clipboard. */
const MAX_COPIED_CHARACTERS = 51 * 1024 * 1024;

const desktopCall = z.strictObject({
  api: z.enum(['operator', 'engine', 'shell']),
  method: z.string().min(1).max(MAX_NAME),
  input: z.unknown(),
});

export interface BridgeCallsDeps {
  /** Answers calls of the engine's process; never rejects. */
  readonly askEngine: (call: EngineCall) => Promise<DesktopAnswer>;
  readonly shell: ShellHandlers;
}

/**
 * The one door for calls of the page: who sent it, its shape and its size are looked at before anything is done. Never rejects:
 * whatever is wrong is an answer with a code. ORIGIN_FOREIGN for a wrong sender, INPUT_INVALID for a wrong shape, NOT_FOUND
 * for a call that there is none of.
 */
export async function answerBridgeCall(
  { sender, message }: { readonly sender: Sender; readonly message: unknown },
  deps: BridgeCallsDeps,
): Promise<DesktopAnswer> {
  if (!isTrusted(sender)) {
    return refusal(new FleetError('ORIGIN_FOREIGN', 'the call does not come from a page of this app'));
  }
  if (isTooLarge(message, maxCharacters(message)))
    return refusal(new FleetError('INPUT_INVALID', 'the call is too large'));
  const parsed = desktopCall.safeParse(message);
  if (!parsed.success) return refusal(new FleetError('INPUT_INVALID', 'this is no call of the bridge'));
  const { api, method, input } = parsed.data;
  if (api === 'shell') return answerOf(async () => callShell(deps.shell, method, input));
  return deps.askEngine({ api, method, input });
}

function maxCharacters(message: unknown): number {
  const { api, method } = (message ?? {}) as { readonly api?: unknown; readonly method?: unknown };
  return api === 'shell' && method === 'copyText' ? MAX_COPIED_CHARACTERS : MAX_CHARACTERS;
}

function callShell(shell: ShellHandlers, method: string, input: unknown): Promise<unknown> {
  if (!isShellMethod(method)) throw new FleetError('NOT_FOUND', `the app has no call ${method}`);
  // The table ties each method to its schema; TypeScript cannot follow that through a union of all of them.
  const call = shell[method] as (input: unknown) => Promise<unknown>;
  return call(parseInput(method, SHELL_API[method].input, input));
}

function isShellMethod(name: string): name is ShellMethodName {
  return Object.hasOwn(SHELL_API, name);
}
