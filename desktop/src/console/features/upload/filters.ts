import { isOpen, isSettled, ITEM_STATES, type ItemState } from './item-states.ts';
import type { Tally } from './tally.ts';
import type { UploadQueue } from './upload-queue.ts';

/** What of the list is shown; `all` first, because it costs nothing. */
export const FILTERS = ['all', 'open', 'settled', 'failures'] as const;
export type Filter = (typeof FILTERS)[number];

const SHOWS: Readonly<Record<Exclude<Filter, 'all'>, (state: ItemState) => boolean>> = {
  open: isOpen,
  settled: isSettled,
  failures: (state) => state === 'failed',
};

export function countsOf(order: readonly number[], { counts }: Tally): Readonly<Record<Filter, number>> {
  const sum = (filter: Exclude<Filter, 'all'>): number =>
    ITEM_STATES.filter(SHOWS[filter]).reduce((all, state) => all + counts[state], 0);
  return { all: order.length, open: sum('open'), settled: sum('settled'), failures: sum('failures') };
}

export function filtered(queue: UploadQueue, order: readonly number[], filter: Filter): readonly number[] {
  if (filter === 'all') return order;
  const isShown = SHOWS[filter];
  return order.filter((key) => {
    const state = queue.item(key)?.state;
    return state !== undefined && isShown(state);
  });
}
