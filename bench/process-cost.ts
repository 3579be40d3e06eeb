import { readFileSync } from 'node:fs';

/** Kernels report CPU time in ticks of a hundredth of a second to user space, whatever their own clock does (proc(5)). */
const TICKS_PER_SECOND = 100;
/** Fields 14 and 15 of proc(5), counted after the name in parentheses, which may hold spaces. */
const UTIME_AFTER_NAME = 11;

export interface ProcessCost {
  readonly cpuSeconds: number;
  /** Highest resident memory so far. */
  readonly peakBytes: number;
}

/** What a process has used until now; undefined where there is no /proc. */
export function processCost(pid: number): ProcessCost | undefined {
  try {
    const fields =
      readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    const ticks = Number(fields[UTIME_AFTER_NAME]) + Number(fields[UTIME_AFTER_NAME + 1]);
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
    return { cpuSeconds: ticks / TICKS_PER_SECOND, peakBytes: Number(peak?.[1] ?? 0) * 1024 };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
