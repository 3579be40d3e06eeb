import { useCallback, useEffect, useEffectEvent, useState } from 'react';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { LiveEvent } from '#console/api/host.ts';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { useLiveEvents } from '#console/api/live.tsx';
import { ReceiptTurns } from './receipt-turns.ts';
import { replicaOfEvent } from './replica-of-event.ts';
import type { UploadQueue } from './upload-queue.ts';

const ASK_EVERY_MS = 2000;
/** Questions of one round; the others come in the next one. */
const MAX_ASKED = 12;

/**
 * Keeps the receipts of the files that are in sight. Of thousands that arrive together the server tells only the newest
 * events, so what is seen and still waits is asked for now and then.
 */
export function useReceipts(queue: UploadQueue, visibleKeys: readonly number[]): void {
  const { api } = useHost();
  const isReader = useSession().roles.includes('read');
  const hear = useCallback(
    (event: LiveEvent) => {
      const news = replicaOfEvent(event);
      if (news !== null) queue.noteReplica(news.path, news.replica);
    },
    [queue],
  );
  useLiveEvents(hear);
  const [turns] = useState(() => new ReceiptTurns());
  const ask = useEffectEvent(async (isOver: () => boolean): Promise<void> => {
    for (const path of turns.next(waitingPaths(queue, visibleKeys), MAX_ASKED)) {
      if (isOver()) return;
      try {
        queue.noteReplicas(path, (await api.getImage({ path })).replicas);
      } catch (error) {
        // One that was taken away meanwhile; the others wait all the same.
        if (error instanceof FleetError && error.code === 'IMAGE_NOT_FOUND') continue;
        // What is shown stays what was last known, and the page says elsewhere that the server is gone.
        return;
      }
    }
  });
  useEffect(() => {
    if (!isReader) return undefined;
    let isOver = false;
    let isAsking = false;
    const timer = setInterval(() => {
      if (isAsking) return;
      isAsking = true;
      void ask(() => isOver).finally(() => (isAsking = false));
    }, ASK_EVERY_MS);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [isReader]);
}

function waitingPaths(queue: UploadQueue, keys: readonly number[]): readonly string[] {
  const paths = new Set<string>();
  for (const key of keys) {
    const image = queue.item(key)?.image;
    if (!image) continue;
    const isWhole = image.replicas.length > 0 && image.replicas.every(({ state }) => state === 'stored');
    if (!isWhole) paths.add(image.path);
  }
  return [...paths];
}
