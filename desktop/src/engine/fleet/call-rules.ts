import { z } from 'zod';
import {
  OPERATOR_API,
  type OperatorCall,
  type OperatorMethod,
  type OperatorMethodName,
} from '@imagefleet/shared/common/operator/operator-api.ts';

/** Its question is too long for an address, so it is a POST; it only reads. */
const READING_POST: OperatorMethodName = 'lookupImages';
/**
 * POSTs that do no harm when another server does them once more. A replay makes copies due that wait: the second one finds
 * them due already, or tries them once more. A verify that runs at two servers looks twice and finds nothing to do the
 * second time.
 */
const HARMLESS_POSTS: ReadonlySet<OperatorMethodName> = new Set<OperatorMethodName>([
  'replayDeliveries',
  'startVerify',
]);

/** Whether a call changes nothing anywhere. */
export function isReading(name: OperatorMethodName): boolean {
  return OPERATOR_API[name].http === 'GET' || name === READING_POST;
}

/**
 * Whether another server may be asked when one did not answer, which may have done all the same what it was told. PUT and
 * DELETE say how things are to be (RFC 9110, 9.2.2), and said twice they are no different. What changes one server alone
 * is never tried at another one: there it would change something else.
 */
export function mayMoveOn<M extends OperatorMethodName>(name: M, input: OperatorCall<M>): boolean {
  if (isReading(name)) return true;
  if (OPERATOR_API[name].http === 'POST' && !HARMLESS_POSTS.has(name)) return false;
  return !hasScope(name) || scopeOf(input) === 'fleet';
}

/** Whether a place in this list means the same at every server: places of one server's own ledger are row ids of its own. */
export function isPlaceShared(name: OperatorMethodName, input: unknown): boolean {
  return name !== 'listDeliveries' || scopeOf(input) === 'fleet';
}

/** Whether the table lets the caller say if one server or the whole fleet is meant. */
function hasScope(name: OperatorMethodName): boolean {
  const { input }: OperatorMethod = OPERATOR_API[name];
  return input instanceof z.ZodObject && 'scope' in input.shape;
}

function scopeOf(input: unknown): unknown {
  return (input as { readonly scope?: unknown }).scope ?? 'server';
}
