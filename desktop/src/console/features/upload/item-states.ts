/**
 * `queued` also waits for its next try (`retryAt`); `present`: the fleet has these bytes already, nothing was sent;
 * `paused` is one file, a pause of the whole queue leaves its files `queued`.
 */
export const ITEM_STATES = [
  ...(['queued', 'hashing', 'uploading', 'done'] as const),
  ...(['present', 'failed', 'paused', 'cancelled'] as const),
] as const;
export type ItemState = (typeof ITEM_STATES)[number];

const RUNNING: ReadonlySet<ItemState> = new Set(['queued', 'hashing', 'uploading']);
const SETTLED: ReadonlySet<ItemState> = new Set(['done', 'present']);
const REPEATABLE: ReadonlySet<ItemState> = new Set(['failed', 'cancelled', 'paused']);

/** It gets on, or will, without anybody asking. */
export function isRunning(state: ItemState): boolean {
  return RUNNING.has(state);
}

/** It is neither in the fleet nor given up; a paused one is left to be dealt with, too. */
export function isOpen(state: ItemState): boolean {
  return RUNNING.has(state) || state === 'paused';
}

/** It is in the fleet. */
export function isSettled(state: ItemState): boolean {
  return SETTLED.has(state);
}

/** It goes on only when somebody asks for it. */
export function isRepeatable(state: ItemState): boolean {
  return REPEATABLE.has(state);
}
