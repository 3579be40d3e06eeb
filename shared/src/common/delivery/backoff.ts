/** Bounds of the automatic retry, in milliseconds. */
export interface BackoffBounds {
  /** Longest wait before the second attempt. */
  readonly firstMs: number;
  /** Longest wait at all. */
  readonly capMs: number;
}

/**
 * Milliseconds to wait after the `attempts`-th failed attempt (1 is the first): exponential with full jitter, so that
 * thousands of deliveries that failed together do not come back together (Brooker, "Exponential Backoff And Jitter",
 * AWS Architecture Blog, 2015). Always within [0, capMs]; `random` gives numbers in [0, 1).
 */
export function nextDelayMs(
  options: BackoffBounds & { readonly attempts: number; readonly random: () => number },
): number {
  const { attempts, firstMs, capMs, random } = options;
  // The exponent overflows to Infinity after a thousand doublings, which the cap absorbs; 0 doubled must stay 0, though.
  const ceilingMs = firstMs === 0 ? 0 : Math.min(capMs, firstMs * 2 ** Math.max(0, attempts - 1));
  return Math.floor(random() * ceilingMs);
}
