import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** A heap of a thread. The young half is small because an idle agent keeps all of it; what is on its way fits. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 2 };

/** Where the program of a thread is, in whichever form the agent has. */
export interface WorkerProgram {
  /** Its name in the system's lists of threads. */
  readonly name: string;
  /** The whole program as one text, put in by the build of the bundled agent; undefined when running from source. */
  readonly bundled: string | undefined;
  /** Its entry when running from source. */
  readonly source: URL;
}

export function startWorker({ name, bundled, source }: WorkerProgram): Worker {
  const options: WorkerOptions = { name, resourceLimits: RESOURCE_LIMITS };
  if (bundled !== undefined) return new Worker(new URL(`data:text/javascript,${encodeURIComponent(bundled)}`), options);
  return new Worker(fromSource(source), { ...options, eval: true });
}

/**
 * Each thread that strips TypeScript loads a compiler of some 20 MB for it. With a compile cache, which has to be
 * switched on inside the thread, that happens once per change of the source and not at every start.
 */
function fromSource(source: URL): string {
  const cache = JSON.stringify(fileURLToPath(new URL('../../../../node_modules/.cache/imagefleet', import.meta.url)));
  return `
    const { enableCompileCache, flushCompileCache } = require('node:module');
    enableCompileCache(${cache});
    import(${JSON.stringify(source)}).then(() => flushCompileCache());
  `;
}
