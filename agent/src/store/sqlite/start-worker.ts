import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** The worker as one text, put in by the build of the bundled agent; it does not exist when running from source. */
declare const __CATALOG_WORKER_SOURCE__: string | undefined;

/** A heap of a catalog thread. The young half is small because an idle agent keeps all of it; rows on their way fit. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 2 };

/** Starts a thread of the catalog from whichever form the program has. */
export function startWorker(name: string): Worker {
  const options: WorkerOptions = { name, resourceLimits: RESOURCE_LIMITS };
  if (typeof __CATALOG_WORKER_SOURCE__ === 'string') {
    return new Worker(new URL(`data:text/javascript,${encodeURIComponent(__CATALOG_WORKER_SOURCE__)}`), options);
  }
  return new Worker(fromSource(), { ...options, eval: true });
}

/**
 * Each thread that strips TypeScript loads a compiler of some 20 MB for it. With a compile cache, which has to be
 * switched on inside the thread, that happens once per change of the source and not at every start.
 */
function fromSource(): string {
  const worker = JSON.stringify(new URL('../catalog-worker.ts', import.meta.url));
  const cache = JSON.stringify(fileURLToPath(new URL('../../../../node_modules/.cache/imagefleet', import.meta.url)));
  return `
    const { enableCompileCache, flushCompileCache } = require('node:module');
    enableCompileCache(${cache});
    import(${worker}).then(() => flushCompileCache());
  `;
}
