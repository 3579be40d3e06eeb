/** As the server's heartbeat is (docs/api.md, Events), until it has told its own. */
export const DEFAULT_BEAT_MS = 15_000;
/** A new connection may hang as well: packets to a machine without power are answered by nobody. */
export const OPENING_MS = 10_000;
const MISSED_BEATS = 2;
/** On the way each beat may come a little later than the one before. */
const LATE_MS = 2000;

/** Milliseconds without a word after which the other side of a stream, which beats at least every `beatMs`, must be gone. */
export function silenceMs(beatMs: number): number {
  return MISSED_BEATS * beatMs + LATE_MS;
}
