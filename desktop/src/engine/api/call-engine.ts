import {
  ENGINE_API,
  type EngineClient,
  type EngineInput,
  type EngineMethodName,
  type EngineOutput,
} from '#bridge/engine-api.ts';
import { parseInput } from '#bridge/parse-input.ts';

/** What the engine offers, in its own process. `signal`: whoever asked has gone, if that can be. */
export type EngineHandlers = {
  readonly [M in EngineMethodName]: (input: EngineInput<M>, signal?: AbortSignal) => Promise<EngineOutput<M>>;
};

/** One call from outside, with whatever somebody sent as its input. Errors: INPUT_INVALID, and those of the call. */
export function callEngine(
  handlers: EngineHandlers,
  method: EngineMethodName,
  { input, signal }: { readonly input: unknown; readonly signal: AbortSignal },
): Promise<unknown> {
  const parsed = parseInput(method, ENGINE_API[method].input, input);
  // The table ties each method to its schema; TypeScript cannot follow that through a union of all of them.
  const call = handlers[method] as (input: unknown, signal: AbortSignal) => Promise<unknown>;
  return call(parsed, signal);
}

/** A client of ENGINE_API over any way to ask. What comes back has to be what the table says. */
export function engineClient(ask: (method: EngineMethodName, input: unknown) => Promise<unknown>): EngineClient {
  const calls = (Object.keys(ENGINE_API) as EngineMethodName[]).map((method) => [
    method,
    async (input: unknown) => ENGINE_API[method].output.parse(await ask(method, input)),
  ]);
  return Object.fromEntries(calls) as EngineClient;
}
