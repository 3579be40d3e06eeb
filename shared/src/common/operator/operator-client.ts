import type { z } from 'zod';
import { withoutUserInfo } from '../address/without-user-info.ts';
import { FleetError } from '../errors/fleet-error.ts';
import { errorOfAnswer } from './answer-error.ts';
import {
  OPERATOR_API,
  type OperatorCall,
  type OperatorClient,
  type OperatorMethod,
  type OperatorMethodName,
  type OperatorOutput,
} from './operator-api.ts';
import { toRequest, type OperatorRequest } from './operator-route.ts';

export interface OperatorAnswer {
  readonly status: number;
  /** Parsed JSON; anything else when the answer was none. */
  readonly body: unknown;
}

/** Carries one request and brings its answer, whatever the status; fails with a FleetError when none came. */
export type OperatorSend = (request: OperatorRequest) => Promise<OperatorAnswer>;

/**
 * The client of API v1, made from the table, over any transport. `server` names in errors who was asked. Fails with the
 * server's own FleetErrors, those of `send`, and PEER_ANSWER_INVALID.
 */
export function createOperatorClient(server: string, send: OperatorSend): OperatorClient {
  const names = Object.keys(OPERATOR_API) as OperatorMethodName[];
  const methods = names.map((name) => [name, (input: never) => call(server, send, { name, input })] as const);
  // One method for each name of the table, which is all that the type says.
  return Object.fromEntries(methods) as unknown as OperatorClient;
}

/** One call as it is asked and as its answer is read. */
export interface Question<T extends z.ZodType> {
  /** What the call is named in errors. */
  readonly name: string;
  readonly request: OperatorRequest;
  /** Status of a success. */
  readonly status: number;
  readonly output: T;
}

/** Asks, and reads the answer by the question's schema; also for calls that stand outside the table. Fails as the client does. */
export async function ask<T extends z.ZodType>(
  server: string,
  send: OperatorSend,
  question: Question<T>,
): Promise<z.output<T>> {
  const { name, request, status: expected, output } = question;
  const { status, body } = await send(request);
  if (status !== expected) throw errorOfAnswer(status, body, server);
  const parsed = output.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new FleetError(
    'PEER_ANSWER_INVALID',
    `${withoutUserInfo(server)} answered ${name} in a form this version does not know`,
    {
      cause: parsed.error,
      hint: 'Is there an Imagefleet agent of the same version at this address?',
    },
  );
}

async function call<M extends OperatorMethodName>(
  server: string,
  send: OperatorSend,
  { name, input }: { readonly name: M; readonly input: OperatorCall<M> },
): Promise<OperatorOutput<M>> {
  const { status, output }: OperatorMethod = OPERATOR_API[name];
  // The schema is the one of M; the compiler cannot see that through the table's union.
  return (await ask(server, send, { name, request: toRequest(name, input), status, output })) as OperatorOutput<M>;
}
