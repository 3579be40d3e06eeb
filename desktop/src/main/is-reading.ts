import { OPERATOR_API, type OperatorMethod } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { EngineMethodName } from '#bridge/engine-api.ts';
import type { DesktopCall } from '#bridge/desktop-bridge.ts';

const READING_ENGINE: readonly EngineMethodName[] = ['readStatus', 'listItems', 'readCheck', 'readLinks', 'readFleet'];
const OPERATOR: Readonly<Record<string, OperatorMethod>> = OPERATOR_API;

/** Whether a call changes nothing, so that it may be made twice. */
export function isReading({ api, method }: Pick<DesktopCall, 'api' | 'method'>): boolean {
  if (api === 'engine') return READING_ENGINE.some((name) => name === method);
  if (api !== 'operator' || !Object.hasOwn(OPERATOR, method)) return false;
  return OPERATOR[method]?.http === 'GET' || method === 'lookupImages';
}
