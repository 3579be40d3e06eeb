/** Whole seconds of a warm-up that are left at `now`, of an answer that came at `answeredAt` (epoch milliseconds). Never below 0. */
export function secondsLeft(leftMs: number, answeredAt: number, now: number): number {
  return Math.max(0, Math.ceil((leftMs - Math.max(0, now - answeredAt)) / 1000));
}
