import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { DeliveryGroup } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { LiveEvent } from '#console/api/host.ts';
import { useHost } from '#console/api/host-context.tsx';
import { useLiveEvents } from '#console/api/live.tsx';
import { QUERY } from '#console/api/queries.ts';
import {
  furthest,
  replayProgress,
  toldOf,
  type ReplayBegun,
  type ReplayProgress,
  type ReplayTarget,
  type ToldProgress,
} from './replay-state.ts';

export interface Replay {
  readonly start: UseMutationResult<ReplayBegun, Error, ReplayTarget>;
  readonly begun: ReplayBegun | undefined;
  readonly progress: ReplayProgress | undefined;
}

interface Summary {
  readonly groups: readonly DeliveryGroup[];
  /** When it was answered, epoch milliseconds. */
  readonly at: number;
  /** The same by the clock of the server. */
  readonly serverAt: number;
}

/** The replay that was started last on this page, and how far it is. */
export function useReplay({ groups, at, serverAt }: Summary): Replay {
  const { api } = useHost();
  const client = useQueryClient();
  const [begunAt, setBegunAt] = useState(Infinity);
  const [told, setTold] = useState<ToldProgress>();
  const [shown, setShown] = useState<ReplayProgress>();
  useLiveEvents(
    useCallback(({ kind, data }: LiveEvent) => {
      const next = kind === 'progress' ? toldOf(data) : undefined;
      if (next !== undefined) setTold(next);
    }, []),
  );
  const start = useMutation({
    mutationFn: async (target: ReplayTarget): Promise<ReplayBegun> => {
      setTold(undefined);
      setShown(undefined);
      setBegunAt(Infinity);
      const { server, cause } = target;
      const answer = await api.replayDeliveries({
        ...(server !== undefined && { server }),
        ...(cause !== undefined && { cause }),
        ...(server === undefined && cause === undefined && { all: true }),
        scope: 'fleet',
      });
      return { target, ...answer, at: Date.now() + serverAt - at };
    },
    onSuccess: async () => {
      setBegunAt(Date.now());
      await client.invalidateQueries({ queryKey: [QUERY.summary] });
    },
  });
  const begun = start.data;
  let progress = shown;
  if (begun !== undefined && shown?.isOver !== true) {
    const isKnown = at >= begunAt || told?.total === begun.requeued;
    const now = isKnown ? replayProgress(begun, groups, told) : emptyProgress(begun);
    progress = furthest(shown, now);
    const isSame =
      progress.done === shown?.done && progress.failed === shown.failed && progress.isOver === shown.isOver;
    if (!isSame) setShown(progress);
  }
  return { start, begun, progress };
}

/** Before the first look after the answer. */
function emptyProgress({ requeued }: ReplayBegun): ReplayProgress {
  return { total: requeued, done: 0, failed: 0, isOver: requeued === 0 };
}
