import { formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';

/** Whole seconds of a warm-up that are left at `now`, of an answer that came at `answeredAt` (epoch milliseconds). Never below 0. */
export function secondsLeft(leftMs: number, answeredAt: number, now: number): number {
  return Math.max(0, Math.ceil((leftMs - Math.max(0, now - answeredAt)) / 1000));
}

/** `8 s`, `2 min 59 s`: whole seconds, so that it ticks evenly. */
export function countdownText(seconds: number): string {
  return seconds < 60 ? `${String(seconds)} s` : formatSeconds(seconds);
}
