import type { DueDelivery } from '#store/catalog.ts';
import type { PeerGate } from './peer-gate.ts';
import type { PushLaneDeps } from './push-lane.ts';
import { LARGE_BYTES } from './push-preparation.ts';

/** A push that takes longer is no reason to cut it, but to ask whether the peer is there; again and again. */
const SLOW_PUSH_MS = 5_000;

export interface WatchedPushDeps {
  readonly client: PushLaneDeps['client'];
  readonly gate: Pick<PeerGate, 'pushSucceeded' | 'pushFailed' | 'pushIsSlow' | 'largeRefused'>;
  /** After how long a push counts as slow, for tests. Default 5 s. */
  readonly slowMs?: number;
}

/** Client and gate for one batch, by which the peer's gate hears how it ended. */
export function watchedPush(
  batch: readonly DueDelivery[],
  { client, gate, slowMs = SLOW_PUSH_MS }: WatchedPushDeps,
): Pick<PushLaneDeps, 'client' | 'gate'> {
  const isLarge = batch.length === 1 && batch.some(({ sizeBytes }) => sizeBytes > LARGE_BYTES);
  return {
    client: {
      push: async (encoded, count, signal) => {
        const slow = setInterval(() => gate.pushIsSlow(), slowMs);
        const outcomes = await client.push(encoded, count, signal).finally(() => {
          clearInterval(slow);
        });
        if (outcomes.some(({ outcome }) => outcome !== 'error')) gate.pushSucceeded();
        return outcomes;
      },
    },
    gate: {
      pushFailed: (cause) =>
        isLarge && cause.code === 'PEER_DISK_FULL' ? gate.largeRefused(cause) : gate.pushFailed(cause),
    },
  };
}
