import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { startWorker } from './start-worker.ts';
import { WorkerChannel, type ThreadCalls } from './worker-channel.ts';

/** Put in by the build of the bundled agent; it does not exist when running from source. */
declare const __CATALOG_WORKER_SOURCE__: string | undefined;

/** Starts a thread of the store; `name` stands in the system's lists. What it is for, it is told when it is opened. */
export function startStoreThread<Calls extends ThreadCalls<Calls>>(
  name: string,
  onCrash: (error: FleetError) => void,
): WorkerChannel<Calls> {
  const bundled = typeof __CATALOG_WORKER_SOURCE__ === 'string' ? __CATALOG_WORKER_SOURCE__ : undefined;
  const source = new URL('../catalog-worker.ts', import.meta.url);
  return new WorkerChannel(startWorker({ name, bundled, source }), onCrash);
}
