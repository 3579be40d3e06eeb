import type { ConsoleHost } from '#console/api/host.ts';
import { endWork, registerWork } from '#console/api/ongoing-work.ts';
import { tieToPage } from './page-ties.ts';
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

/** The queue of whoever is logged in. Somebody else's is ended: nobody uploads in the name of another. */
export function uploadsOf(host: ConsoleHost, owner: string, page: EventTarget = window): UploadQueue {
  const known = QUEUES.get(host);
  if (known?.owner === owner) return known.queue;
  if (known !== undefined) endWork(host);
  const queue = createQueue(host, page);
  QUEUES.set(host, { owner, queue });
  registerWork(host, {
    owner,
    isBusy: () => queue.hasWork,
    suspend: () => queue.suspend(),
    goOn: () => queue.goOn(),
    end: () => {
      queue.end();
      QUEUES.delete(host);
    },
  });
  return queue;
}

function createQueue(host: ConsoleHost, page: EventTarget): UploadQueue {
  const hasher = new WorkerHasher(
    () => new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module', name: 'fingerprints' }),
  );
  const turns = new Turns();
  const queue = new UploadQueue({
    hash: hasher.hash,
    lookup: (sha256) => host.api.lookupImages({ sha256: [...sha256] }),
    upload: withStallLimit((upload) => host.upload(upload), setTimer),
    now: () => Date.now(),
    random: () => Math.random(),
    uuid: randomUuid,
    setTimer,
    nextTurn: turns.next,
  });
  tieToPage(queue, page);
  queue.ended.addEventListener('abort', () => {
    hasher.end();
    turns.end();
  });
  return queue;
}

/** A turn of the page, by a message that the page sends to itself. */
class Turns {
  readonly #channel = new MessageChannel();

  readonly next = (): Promise<void> =>
    new Promise((resolve) => {
      const { port1, port2 } = this.#channel;
      port1.addEventListener('message', () => resolve(), { once: true });
      port1.start();
      port2.postMessage(null);
    });

  /** Ports that are open are never collected. */
  end(): void {
    this.#channel.port1.close();
  }
}

const setTimer: SetTimer = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
