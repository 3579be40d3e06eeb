import { formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';

/** Time that is left, without tenths and without a rest of nothing: `9 s`, `3 min`, `3 min 20 s`. */
export function formatCountdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole < 10 ? `${String(whole)} s` : formatSeconds(whole).replace(/ 0 (?:s|min|h)$/, '');
}
