import { expect, it } from 'vitest';
import { WorkerHasher, type HashQuestion } from './worker-hasher.ts';

/** Answers each question with its number, unless it is told to be silent. */
class FakeWorker extends EventTarget {
  isSilent = false;
  isTerminated = false;

  postMessage({ number }: HashQuestion): void {
    if (this.isSilent) return;
    const data = { number, sha256: `hash ${String(number)}` };
    queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data })));
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

function start() {
  const workers: FakeWorker[] = [];
  const hasher = new WorkerHasher(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  });
  return { workers, hasher };
}

it('keeps its worker from file to file, and ends it with the queue', async () => {
  const { workers, hasher } = start();
  const { signal } = new AbortController();
  expect(await hasher.hash(new Blob(), signal)).toBe('hash 1');
  expect(await hasher.hash(new Blob(), signal)).toBe('hash 2');
  expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([false]);
  hasher.end();
  hasher.end();
  expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true]);
});

it('takes a new worker after one whose file is not wanted any more', async () => {
  const { workers, hasher } = start();
  await hasher.hash(new Blob(), new AbortController().signal);
  const [first] = workers;
  if (first === undefined) throw new Error('no worker');
  first.isSilent = true;
  const end = new AbortController();
  const outcome = hasher.hash(new Blob(), end.signal);
  end.abort();
  await expect(outcome).rejects.toMatchObject({ name: 'AbortError' });
  expect(first.isTerminated).toBe(true);
  expect(await hasher.hash(new Blob(), new AbortController().signal)).toBe('hash 3');
});
