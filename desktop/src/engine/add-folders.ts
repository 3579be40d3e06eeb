import type { PassReason } from '#bridge/engine-words.ts';
import { MAX_PASSED_EXAMPLES, type EngineOutput } from '#bridge/engine-api.ts';
import type { UploadQueueStore } from './queue/upload-queue-store.ts';
import { readAhead } from './scan/read-ahead.ts';
import type { ScanRules } from './scan/scan-filter.ts';
import { scanFolders } from './scan/scan-folders.ts';
import type { PassedOver } from './scan/scan-output.ts';

export interface AddOptions {
  readonly rules: ScanRules;
  readonly signal: AbortSignal;
  /** A batch is in the queue. */
  readonly onAdded: () => void;
}

/** Puts every image below the roots into the queue, batch by batch: each is on the disk before the next one is. */
export async function addFolders(
  queue: UploadQueueStore,
  roots: readonly string[],
  { rules, signal, onAdded }: AddOptions,
): Promise<EngineOutput<'addFolders'>> {
  let [added, addedBytes, known] = [0, 0, 0];
  const passed = new PassedOverTally();
  for await (const { found, passedOver } of readAhead(scanFolders(roots, { rules, signal }))) {
    const before = queue.counts().queued.bytes;
    const newFiles = queue.add(found);
    added += newFiles;
    known += found.length - newFiles;
    // Nothing else runs between the two looks.
    addedBytes += queue.counts().queued.bytes - before;
    passed.take(passedOver);
    if (newFiles > 0) onAdded();
  }
  return { added, addedBytes, known, passedOver: passed.counts, examples: passed.examples };
}

/** How many were passed over for which reason, and the first of them. */
class PassedOverTally {
  readonly counts: Partial<Record<PassReason, number>> = {};
  readonly examples: { file: string; reason: PassReason }[] = [];

  take(passedOver: readonly PassedOver[]): void {
    for (const { file, reason } of passedOver) {
      this.counts[reason] = (this.counts[reason] ?? 0) + 1;
      if (this.examples.length < MAX_PASSED_EXAMPLES) this.examples.push({ file, reason });
    }
  }
}
