/**
 * The same batches, of which the next one is asked for before the last one is handed on: the disk is looked at while the
 * caller writes. A failure comes at its place, after all batches before it.
 */
export async function* readAhead<T>(source: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
  let next = settled(source.next());
  try {
    for (;;) {
      const { result, error } = await next;
      if (result === undefined) throw error;
      if (result.done === true) return;
      next = settled(source.next());
      yield result.value;
    }
  } finally {
    await next;
    await source.return();
  }
}

type Settled<T> =
  | { readonly result: IteratorResult<T, void>; readonly error: undefined }
  | { readonly result: undefined; readonly error: unknown };

/** Never rejects: nobody may be waiting for it yet. */
function settled<T>(next: Promise<IteratorResult<T, void>>): Promise<Settled<T>> {
  return next.then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
}
