import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { useLiveState } from '#console/api/live.tsx';
import { askForSession, isSessionOver } from '#console/api/session-over.ts';
import { uploadsOf } from './host-uploads.ts';
import type { QueueView, UploadQueue } from './upload-queue.ts';

/** The operator's queue, which goes on without the page, and what to show of it. */
export function useUploads(): { readonly queue: UploadQueue; readonly view: QueueView } {
  const host = useHost();
  const client = useQueryClient();
  const queue = uploadsOf(host, useSession().keyName ?? '');
  const view = useSyncExternalStore(queue.subscribe, queue.view);
  const isLive = useLiveState() === 'live';
  useEffect(() => {
    // The server is back: nobody has to wait for the next try.
    if (isLive) queue.wake();
  }, [queue, isLive]);
  const refusal = view.holding?.failure;
  useEffect(() => {
    // A key that may only upload asks for nothing else that would tell it.
    if (refusal !== undefined && isSessionOver(refusal.code)) void askForSession(client);
  }, [client, refusal]);
  return { queue, view };
}
