import { isOpen, isSettled, type ItemState } from './item-states.ts';
import type { UploadItem } from './upload-item.ts';

/** What the queue amounts to. Kept up with each change, so that a hundred thousand files cost no more than ten. */
export interface Tally {
  readonly counts: Readonly<Record<ItemState, number>>;
  /** All but the cancelled ones. */
  readonly files: number;
  readonly bytes: number;
  /** Of what is done or was there already, and of what is on its way. */
  readonly progressBytes: number;
  /** Of what is on its way at this moment. */
  readonly sentBytes: number;
  /** Files and bytes that are neither in the fleet nor given up; those of paused files as well. */
  readonly openFiles: number;
  readonly openBytes: number;
}

export const EMPTY_TALLY: Tally = {
  counts: { queued: 0, hashing: 0, uploading: 0, done: 0, present: 0, failed: 0, paused: 0, cancelled: 0 },
  ...{ files: 0, bytes: 0, progressBytes: 0, sentBytes: 0, openFiles: 0, openBytes: 0 },
};

/** `times` is 1 when an item comes in, -1 when it leaves; a change is both. */
export function tallied(tally: Tally, item: UploadItem, times: 1 | -1): Tally {
  const { state, sizeBytes, sentBytes } = item;
  const isCounted = state !== 'cancelled';
  const open = isOpen(state) ? times : 0;
  const sent = state === 'uploading' ? Math.min(sentBytes, sizeBytes) : 0;
  return {
    counts: { ...tally.counts, [state]: tally.counts[state] + times },
    files: tally.files + (isCounted ? times : 0),
    bytes: tally.bytes + (isCounted ? times * sizeBytes : 0),
    progressBytes: tally.progressBytes + times * (isSettled(state) ? sizeBytes : sent),
    sentBytes: tally.sentBytes + times * sent,
    openFiles: tally.openFiles + open,
    openBytes: tally.openBytes + open * (sizeBytes - sent),
  };
}
