import type { ConsoleHost } from '#console/api/host.ts';
import { registerWork } from '#console/api/ongoing-work.ts';
import { randomUuid } from './server-clock.ts';
import { withStallLimit } from './stall-limit.ts';
import type { SetTimer } from './queue-ports.ts';
import { UploadQueue } from './upload-queue.ts';
import { WorkerHasher } from './worker-hasher.ts';

interface Owned {
  readonly owner: string;
  readonly queue: UploadQueue;
}

/** One queue for a host, above the pages: it goes on while another one is looked at. */
const QUEUES = new WeakMap<ConsoleHost, Owned>();

/** The queue of whoever is logged in. Somebody else's is stopped: nobody uploads in the name of another. */
export function uploadsOf(host: ConsoleHost, owner: string): UploadQueue {
  const known = QUEUES.get(host);
  if (known?.owner === owner) return known.queue;
  known?.queue.cancelAll();
  const queue = createQueue(host);
  QUEUES.set(host, { owner, queue });
  registerWork(host, {
    isBusy: () => queue.hasWork,
    end: () => {
      queue.cancelAll();
      QUEUES.delete(host);
    },
  });
  return queue;
}

function createQueue(host: ConsoleHost): UploadQueue {
  const hasher = new WorkerHasher(
    () => new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module', name: 'fingerprints' }),
  );
  const queue = new UploadQueue({
    hash: hasher.hash,
    lookup: (sha256) => host.api.lookupImages({ sha256: [...sha256] }),
    upload: withStallLimit((upload) => host.upload(upload), setTimer),
    now: () => Date.now(),
    random: () => Math.random(),
    uuid: randomUuid,
    setTimer,
    nextTurn: createTurns(),
  });
  addEventListener('beforeunload', (event) => {
    if (queue.hasWork) event.preventDefault();
  });
  // The browser knows at once when the line is back.
  addEventListener('online', () => queue.wake());
  return queue;
}

function createTurns(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return () =>
    new Promise((resolve) => {
      port1.addEventListener('message', () => resolve(), { once: true });
      port1.start();
      port2.postMessage(null);
    });
}

const setTimer: SetTimer = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
