/** Where the browser does not tell when it is idle, as Safari. */
const PAUSE_MS = 1000;

/** Until the browser has nothing else to do. */
export function untilIdle(): Promise<void> {
  return new Promise((resolve) => {
    // The type says that it is always there.
    const whenIdle = globalThis.requestIdleCallback as typeof requestIdleCallback | undefined;
    if (whenIdle === undefined) setTimeout(resolve, PAUSE_MS);
    else whenIdle(() => resolve());
  });
}
