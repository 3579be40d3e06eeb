import { hashBlob } from './hash-blob.ts';
import type { HashAnswer, HashQuestion } from './worker-hasher.ts';

/** Runs beside the page, so that a file of any size leaves the window free. */
addEventListener('message', ({ data }: MessageEvent<HashQuestion>) => void answer(data));

async function answer({ number, file }: HashQuestion): Promise<void> {
  const told: HashAnswer = await hashBlob(file).then(
    (sha256) => ({ number, sha256 }),
    (error: unknown) => ({ number, problem: error instanceof Error ? error.message : String(error) }),
  );
  postMessage(told);
}
