import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import { queuePages } from './queue-pages.ts';

/** Files of the queue that failed for the same reason. */
export interface FailureGroup {
  readonly code: string;
  readonly files: number;
  readonly bytes: number;
  /** The first ones, some. */
  readonly examples: readonly { readonly file: string; readonly message: string }[];
}

const MAX_EXAMPLES = 3;

/** What failed, the most frequent reason first. Errors: those of the queue, and what `signal` was aborted with. */
export async function failureGroups(
  store: Pick<UploadQueueStore, 'page'>,
  signal: AbortSignal,
): Promise<readonly FailureGroup[]> {
  const groups = new Map<string, { files: number; bytes: number; examples: { file: string; message: string }[] }>();
  for await (const items of queuePages(store, { state: 'failed', signal })) {
    for (const { file, sizeBytes, failure } of items) {
      const code = failure?.code ?? 'INTERNAL';
      let group = groups.get(code);
      if (group === undefined) groups.set(code, (group = { files: 0, bytes: 0, examples: [] }));
      group.files += 1;
      group.bytes += sizeBytes;
      if (group.examples.length < MAX_EXAMPLES) group.examples.push({ file, message: failure?.message ?? '' });
    }
  }
  return [...groups].map(([code, group]) => ({ code, ...group })).sort((a, b) => b.files - a.files);
}
