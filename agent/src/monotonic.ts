/** Milliseconds that only ever grow, whatever is done to the clock; for durations. */
export function monotonic(): number {
  return performance.now();
}
