import type { Tally } from './tally.ts';
import type { ItemState } from './upload-item.ts';
import type { UploadQueue } from './upload-queue.ts';

/** What of the list is shown; `all` first, because it costs nothing. */
export const FILTERS = ['all', 'open', 'settled', 'failures'] as const;
export type Filter = (typeof FILTERS)[number];

const STATES: Readonly<Record<Exclude<Filter, 'all'>, readonly ItemState[]>> = {
  open: ['queued', 'hashing', 'uploading', 'paused'],
  settled: ['done', 'present'],
  failures: ['failed'],
};

export function countsOf(order: readonly number[], { counts }: Tally): Readonly<Record<Filter, number>> {
  const sum = (filter: Exclude<Filter, 'all'>): number => STATES[filter].reduce((all, state) => all + counts[state], 0);
  return { all: order.length, open: sum('open'), settled: sum('settled'), failures: sum('failures') };
}

export function filtered(queue: UploadQueue, order: readonly number[], filter: Filter): readonly number[] {
  if (filter === 'all') return order;
  const wanted = STATES[filter];
  return order.filter((key) => {
    const state = queue.item(key)?.state;
    return state !== undefined && wanted.includes(state);
  });
}
