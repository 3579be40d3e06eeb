import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { Gate } from '@imagefleet/shared/node/gate.ts';

/** Requests that may wait for their turn, as a multiple of those that may run. */
const WAITING_PER_RUNNING = 8;
const MAX_WAIT_MS = 30_000;

/** Bounds the uploads that are received at the same time; what finds no place in time is RATE_LIMITED. */
export function createUploadGate(running: number, maxWaitMs = MAX_WAIT_MS): Gate {
  return new Gate({ running, waiting: running * WAITING_PER_RUNNING, maxWaitMs }, () => {
    return new FleetError('RATE_LIMITED', 'This server receives as many uploads as it can at this moment.');
  });
}
