import type { ItemState } from '#bridge/engine-words.ts';
import type { QueueStatus } from './queue-types.ts';

export interface Tally {
  readonly files: number;
  readonly bytes: number;
}

/** In the fleet. */
const SETTLED: readonly ItemState[] = ['done', 'present'];
/** Neither in the fleet nor given up; a paused one is left to be dealt with, too. */
const OPEN: readonly ItemState[] = ['queued', 'hashing', 'uploading', 'inDoubt', 'paused'];

export function settledOf({ counts }: QueueStatus): Tally {
  return sumOf(counts, SETTLED);
}

export function openOf({ counts }: QueueStatus): Tally {
  return sumOf(counts, OPEN);
}

/** Every file that is in the list. */
export function filesOf({ counts }: QueueStatus): number {
  return Object.values(counts).reduce((sum, { files }) => sum + files, 0);
}

function sumOf(counts: QueueStatus['counts'], states: readonly ItemState[]): Tally {
  return states.reduce<Tally>(
    ({ files, bytes }, state) => ({ files: files + counts[state].files, bytes: bytes + counts[state].bytes }),
    { files: 0, bytes: 0 },
  );
}
