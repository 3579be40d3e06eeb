import {
  OPERATOR_API,
  type OperatorCall,
  type OperatorMethodName,
} from '@imagefleet/shared/common/operator/operator-api.ts';

/**
 * POSTs that do no harm when another server does them once more. A look-up only reads. A replay makes copies due that
 * wait: the second one finds them due already, or tries them once more. A verify that runs at two servers looks twice and
 * finds nothing to do the second time.
 */
const HARMLESS_POSTS: ReadonlySet<OperatorMethodName> = new Set<OperatorMethodName>([
  'lookupImages',
  'replayDeliveries',
  'startVerify',
]);

/**
 * Whether another server may be asked when one did not answer, which may have done all the same what it was told. PUT and
 * DELETE say how things are to be (RFC 9110, 9.2.2), and said twice they are no different. What changes one server alone
 * is never tried at another one: there it would change something else.
 */
export function mayMoveOn<M extends OperatorMethodName>(name: M, input: OperatorCall<M>): boolean {
  const { http } = OPERATOR_API[name];
  if (http === 'GET' || name === 'lookupImages') return true;
  if (http === 'POST' && !HARMLESS_POSTS.has(name)) return false;
  return !hasScope(name) || scopeOf(input) === 'fleet';
}

/** Whether a place in this list means the same at every server: places of one server's own ledger are row ids of its own. */
export function isPlaceShared(name: OperatorMethodName, input: unknown): boolean {
  return name !== 'listDeliveries' || scopeOf(input) === 'fleet';
}

function hasScope(name: OperatorMethodName): boolean {
  return name === 'replayDeliveries' || name === 'setMaintenance';
}

function scopeOf(input: unknown): unknown {
  return (input as { readonly scope?: unknown }).scope ?? 'server';
}
