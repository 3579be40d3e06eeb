/** What a promise comes to, or `onLimit` when it has not by then; the promise goes on, and its end is nobody's any more. */
export async function withinLimit<T, L>(promise: Promise<T>, limitMs: number, onLimit: () => L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<'limit'>((resolve) => {
    timer = setTimeout(() => resolve('limit'), limitMs);
  });
  try {
    const first = await Promise.race([promise.then((value) => ({ value })), limit]);
    return first === 'limit' ? onLimit() : first.value;
  } finally {
    clearTimeout(timer);
    // A failure after the limit is not a defect that ends the process.
    promise.catch(() => undefined);
  }
}
