/** Time and chance of everything that follows the fleet; a test has its own. */
export interface FleetClock {
  /** Milliseconds since the epoch, for people. */
  now(): number;
  /** Milliseconds that never jump. */
  monotonic(): number;
  /** From 0 to below 1. */
  random(): number;
  /** Returns its own cancel. */
  setTimer(run: () => void, ms: number): () => void;
}

/** The clock of this machine. */
export const SYSTEM_CLOCK: FleetClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  setTimer: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
