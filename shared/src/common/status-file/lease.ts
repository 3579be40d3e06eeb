import { z } from 'zod';

/**
 * What stands beside a status file and is written anew every period, also while nothing changes: a status file that stays
 * as it is may mean that all is calm, or that its monitor is dead.
 */
export interface Lease {
  /** That of the status file beside it; 0 before the first one. */
  readonly generation: number;
  /** Another one every period; nothing else about it means anything. */
  readonly counter: number;
  readonly periodMs: number;
}

/** So many periods without a new counter, by the reader's own monotonic clock, and the monitor counts as dead. */
export const SILENT_AFTER_PERIODS = 3;

const schema = z.object({
  generation: z.int().min(0),
  counter: z.int().min(0),
  periodMs: z.int().min(1).max(3_600_000),
}) satisfies z.ZodType<Lease>;

/** Where the lease of a status file lies. */
export function leasePath(statusFile: string): string {
  return `${statusFile}.lease`;
}

export function encodeLease({ generation, counter, periodMs }: Lease): string {
  return `${JSON.stringify({ generation, counter, periodMs })}\n`;
}

/** Undefined for what is no lease; after a power cut that may be an empty file. */
export function decodeLease(text: string): Lease | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    // Not even JSON: no lease either.
    return undefined;
  }
}
