import type { ItemState } from '#bridge/engine-words.ts';

export type ItemAction = 'sendAnyway' | 'retry' | 'resume' | 'pause' | 'cancel';

const ACTIONS: Readonly<Record<ItemState, readonly ItemAction[]>> = {
  queued: ['pause', 'cancel'],
  hashing: ['pause', 'cancel'],
  uploading: ['pause', 'cancel'],
  inDoubt: ['pause', 'cancel'],
  done: [],
  present: ['sendAnyway'],
  failed: ['retry', 'cancel'],
  paused: ['resume', 'cancel'],
  cancelled: ['retry'],
};

/** What can be done with one file; a file that waits for its next try can be tried now. */
export function actionsOf(state: ItemState, isWaiting: boolean): readonly ItemAction[] {
  return isWaiting ? ['retry', ...ACTIONS[state]] : ACTIONS[state];
}
