/** How a server is judged. Durations in milliseconds, counts in probes. */
export interface HealthSettings {
  /** From the start of one probe to the start of the next. */
  readonly intervalMs: number;
  /** The same while the verdict is in doubt. */
  readonly fastIntervalMs: number;
  /** After it a probe that heard nothing counts as silence. */
  readonly timeoutMs: number;
  /** Failures in a row that make a server down. */
  readonly fall: number;
  /** Successes in a row that are needed before it is up. */
  readonly rise: number;
  /** How long it must have stayed reachable, from its first success on, before it is up (`ServerWarmUpTime`). */
  readonly warmUpMs: number;
}

export const DEFAULT_HEALTH_SETTINGS: HealthSettings = {
  intervalMs: 2000,
  fastIntervalMs: 400,
  timeoutMs: 1000,
  fall: 3,
  rise: 2,
  warmUpMs: 10_000,
};
