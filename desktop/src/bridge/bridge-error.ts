import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { BridgeError } from './engine-messages.ts';
import type { DesktopAnswer } from './desktop-bridge.ts';

/** An error as it crosses a border; what is no FleetError is a fault of ours, INTERNAL. */
export function bridgeError(error: unknown): BridgeError {
  const known = error instanceof FleetError ? error : new FleetError('INTERNAL', String(error), { cause: error });
  return known.toBody();
}

/** What the work brings, or why it failed; never rejects. */
export async function answerOf(work: () => Promise<unknown>): Promise<DesktopAnswer> {
  try {
    return { isOk: true, output: await work() };
  } catch (error) {
    return { isOk: false, error: bridgeError(error) };
  }
}
