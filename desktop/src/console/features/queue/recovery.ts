import type { QueueStatus } from './queue-types.ts';
import { openOf, settledOf } from './tally.ts';

/** How the queue stood when the engine came back to it. */
export interface Recovery {
  readonly done: number;
  readonly inDoubt: number;
  readonly left: number;
}

/** Null when there was nothing to go on with. */
export function recoveryOf(status: QueueStatus): Recovery | null {
  const open = openOf(status).files;
  const inDoubt = status.counts.inDoubt.files;
  return open === 0 ? null : { done: settledOf(status).files, inDoubt, left: open - inDoubt };
}
