import type { DueDelivery } from '#store/catalog.ts';
import type { PeerWatch } from './peer-watch.ts';
import type { PushLaneDeps } from './push-lane.ts';
import { LARGE_BYTES } from './push-preparation.ts';

/** A push that takes longer is no reason to cut it, but to ask whether the peer is there; again and again. */
const SLOW_PUSH_MS = 5_000;

export interface WatchedPushDeps {
  readonly client: PushLaneDeps['client'];
  readonly watch: Pick<PeerWatch, 'pushSucceeded' | 'pushFailed' | 'pushIsSlow' | 'largeRefused'>;
  /** After how long a push counts as slow, for tests. Default 5 s. */
  readonly slowMs?: number;
}

/** Client and watch for one batch, by which the breaker hears how it ended. */
export function watchedPush(
  batch: readonly DueDelivery[],
  { client, watch, slowMs = SLOW_PUSH_MS }: WatchedPushDeps,
): Pick<PushLaneDeps, 'client' | 'watch'> {
  const isLarge = batch.length === 1 && batch.some(({ sizeBytes }) => sizeBytes > LARGE_BYTES);
  return {
    client: {
      push: async (encoded, count, signal) => {
        const slow = setInterval(() => watch.pushIsSlow(), slowMs);
        const outcomes = await client.push(encoded, count, signal).finally(() => {
          clearInterval(slow);
        });
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
