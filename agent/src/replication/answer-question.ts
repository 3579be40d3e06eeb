import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import {
  OPERATOR_API,
  type OperatorHandlers,
  type OperatorMethodName,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import { checked } from './batch-manifest.ts';

/**
 * What another agent may ask on behalf of its own caller, whose role it has checked. A list, not the whole table: a
 * method that is added later must not be open to peers by accident.
 */
const ASKABLE = [
  'lookupImages',
  'listImages',
  'getImage',
  'listServers',
  'setMaintenance',
  'listDeliveries',
  'summarizeDeliveries',
  'replayDeliveries',
  'readFailureLog',
] as const satisfies readonly OperatorMethodName[];

const question = z.object({ method: z.enum(ASKABLE), input: z.record(z.string(), z.unknown()) });

/** Answers one question in this server's own scope: a question that travelled must not travel on. Throws BODY_MALFORMED, INPUT_INVALID and what the handler throws. */
export async function answerQuestion(value: unknown, handlers: OperatorHandlers): Promise<unknown> {
  const { method, input } = checked(question, value, 'the question');
  const parsed = OPERATOR_API[method].input.safeParse({ ...input, scope: 'server' });
  if (!parsed.success) {
    throw new FleetError('INPUT_INVALID', z.prettifyError(parsed.error), { cause: parsed.error });
  }
  // The schema that just parsed it is this method's own; the compiler cannot see that through the table's union.
  const handler = handlers[method] as (input: unknown) => Promise<unknown>;
  return handler(parsed.data);
}
