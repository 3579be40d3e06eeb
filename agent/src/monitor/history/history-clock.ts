/** What both clocks of the machine say at one moment: epoch milliseconds, and milliseconds that only ever grow. */
export interface Clocks {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/**
 * What happened to the wall clock since it was last looked at. `on`: it went on with the time. `forward`: it skipped some:
 * a person or NTP set it, or the machine slept; time was lived until `lived`, and goes on at `wallMs`. `back`: from
 * `wallMs` on, time is lived again.
 */
export type ClockStep =
  | { readonly kind: 'on'; readonly at: number }
  | { readonly kind: 'forward'; readonly lived: number; readonly at: number }
  | { readonly kind: 'back'; readonly at: number };

export interface HistoryClock {
  /** Where the history is: whole epoch milliseconds, which only a step back takes back. */
  readonly at: number;
  readonly seen: Clocks;
  /** On the monotonic clock: since then the wall clock has not jumped. */
  readonly steadySinceMs: number;
}

/** Further apart between two looks the clocks cannot drift by themselves, nor by NTP, which slews by less than 0.1 %. */
const MAX_DRIFT_MS = 100;

/** A clock that was steady for so long is believed: what it calls old may be deleted, and it may take a day back. */
export const SETTLED_MS = 10 * 60_000;

export function startClock(seen: Clocks): HistoryClock {
  return { at: Math.round(seen.wallMs), seen, steadySinceMs: seen.monotonicMs };
}

/**
 * Durations are those of the monotonic clock, instants those of the wall clock; while the two agree, small differences
 * between them vanish here, and where they do not, the history has a gap or begins anew, so that whatever is asked for adds
 * up to the wall clock and no state lasts a millisecond longer than it did.
 */
export function advance(clock: HistoryClock, seen: Clocks): { readonly clock: HistoryClock; readonly step: ClockStep } {
  const livedMs = seen.monotonicMs - clock.seen.monotonicMs;
  const skippedMs = seen.wallMs - clock.seen.wallMs - livedMs;
  const wall = Math.round(seen.wallMs);
  if (Math.abs(skippedMs) <= MAX_DRIFT_MS) {
    const at = Math.max(clock.at, wall);
    return { clock: { ...clock, at, seen }, step: { kind: 'on', at } };
  }
  const jumped = { at: wall, seen, steadySinceMs: seen.monotonicMs };
  const lived = clock.at + Math.floor(livedMs);
  if (skippedMs > 0) return { clock: jumped, step: { kind: 'forward', lived: Math.min(lived, wall), at: wall } };
  return { clock: jumped, step: { kind: 'back', at: wall } };
}

export function isSettled({ seen, steadySinceMs }: HistoryClock): boolean {
  return seen.monotonicMs - steadySinceMs >= SETTLED_MS;
}
