import { hashFiles, type FileToHash } from './hash-files.ts';
import type { HashOutcome } from './upload-ports.ts';
import type { UploadQueueStore } from './upload-queue-store.ts';

/** Reads files for their hashes; only the caller's signal, and a queue that fails, make it throw. */
export type HashSome = (files: readonly FileToHash[], signal: AbortSignal) => Promise<readonly HashOutcome[]>;

/** Hashes by the cache of the queue: a file that was read once, by an upload or for a report, is not read again. */
export function cachedHashes(store: Pick<UploadQueueStore, 'knownHash' | 'keepHashes'>, now: () => number): HashSome {
  return async (files, signal) => {
    const outcomes = [];
    for await (const outcome of hashFiles(files, { known: store, signal, now })) outcomes.push(outcome);
    // One that was changed just now may change again without its stamp.
    store.keepHashes(
      outcomes.flatMap((outcome) =>
        outcome.kind === 'hashed' && !outcome.isKnown && outcome.isSettled
          ? [{ file: outcome.file, sha256: outcome.sha256, ...outcome.stamp }]
          : [],
      ),
    );
    return outcomes;
  };
}
