/**
 * Versions are hybrid logical clocks (Kulkarni et al., "Logical Physical Clocks", 2014), written as one string of fixed
 * width so that comparing strings compares versions: 12 hex digits of wall time in milliseconds, 4 of the counter,
 * then the id of the server that wrote it, which breaks ties.
 */
export type Version = string;

/** Last instant that a clock gave out or saw. Persisted, so that a clock set back never repeats a version. */
export interface ClockState {
  readonly wallMs: number;
  readonly counter: number;
}

/** A version further ahead of our clock than this is refused: accepting it would drag every clock of the fleet along. */
export const MAX_AHEAD_MS = 5 * 60_000;

const COUNTER_LIMIT = 0xffff;
const VERSION_PATTERN = /^[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-z]{1,32}$/;

export function isVersion(value: string): value is Version {
  return VERSION_PATTERN.test(value);
}

export function formatVersion(state: ClockState, serverId: string): Version {
  return `${state.wallMs.toString(16).padStart(12, '0')}-${state.counter.toString(16).padStart(4, '0')}-${serverId}`;
}

/** The clock part of a version; the version must be well formed. */
export function clockOf(version: Version): ClockState {
  return { wallMs: parseInt(version.slice(0, 12), 16), counter: parseInt(version.slice(13, 17), 16) };
}

/** The id of the server that wrote this version. */
export function serverIdOf(version: Version): string {
  return version.slice(18);
}

/** The next local instant: later than everything given out or seen, and as near to `nowMs` as that allows. */
export function tick(last: ClockState, nowMs: number): ClockState {
  if (nowMs > last.wallMs) return { wallMs: nowMs, counter: 0 };
  if (last.counter < COUNTER_LIMIT) return { wallMs: last.wallMs, counter: last.counter + 1 };
  return { wallMs: last.wallMs + 1, counter: 0 };
}

/** The clock after seeing a version from elsewhere. */
export function observe(last: ClockState, seen: ClockState): ClockState {
  if (seen.wallMs > last.wallMs) return seen;
  if (seen.wallMs === last.wallMs && seen.counter > last.counter) return seen;
  return last;
}

/** Milliseconds by which a version is further ahead of `nowMs` than allowed, or 0. */
export function skewBeyondLimitMs(version: Version, nowMs: number): number {
  const aheadMs = clockOf(version).wallMs - nowMs;
  return aheadMs > MAX_AHEAD_MS ? aheadMs : 0;
}
