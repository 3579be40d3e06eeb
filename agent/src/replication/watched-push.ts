import type { DueDelivery } from '#store/catalog.ts';
import type { PeerWatch } from './peer-watch.ts';
import type { PushLaneDeps } from './push-lane.ts';
import { LARGE_BYTES } from './push-preparation.ts';

export interface WatchedPushDeps {
  readonly client: PushLaneDeps['client'];
  readonly watch: Pick<PeerWatch, 'pushSucceeded' | 'pushFailed' | 'largeRefused'>;
}

/** Client and watch for one batch, by which the breaker hears how it ended. */
export function watchedPush(
  batch: readonly DueDelivery[],
  { client, watch }: WatchedPushDeps,
): Pick<PushLaneDeps, 'client' | 'watch'> {
  const isLarge = batch.length === 1 && batch.some(({ sizeBytes }) => sizeBytes > LARGE_BYTES);
  return {
    client: {
      push: async (encoded, count, signal) => {
        const outcomes = await client.push(encoded, count, signal);
        if (outcomes.some(({ outcome }) => outcome !== 'error')) watch.pushSucceeded();
        return outcomes;
      },
    },
    watch: {
      pushFailed: (cause) =>
        isLarge && cause.code === 'PEER_DISK_FULL' ? watch.largeRefused(cause) : watch.pushFailed(cause),
    },
  };
}
