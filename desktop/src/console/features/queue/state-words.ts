import type { ItemState } from '#bridge/engine-words.ts';

/** The text that names a state; the word `paused` alone is that of the whole queue. */
export function wordOf(state: ItemState): Exclude<ItemState, 'paused'> | 'pausedOne' {
  return state === 'paused' ? 'pausedOne' : state;
}

/** Shapes, so that no state is told by colour alone. */
export const SHAPES: Readonly<Record<ItemState, string>> = {
  ...{ queued: '○', hashing: '◔', uploading: '◑', inDoubt: '?', done: '✓' },
  ...{ present: '＝', failed: '✕', paused: '‖', cancelled: '–' },
};
