import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import { useHost } from '#console/api/host-context.tsx';
import { QUERY, REFRESH_MS } from '#console/api/queries.ts';

const HOUR_SECONDS = 3600;
const HOUR_POINTS = 60;
const DAY_POINTS = 240;
/** A minute is the grain of what is kept. */
const REFRESH_HISTORY_MS = 30_000;

/** Latency of the last hour. */
export function useHour(name: string): UseQueryResult<OperatorOutput<'readServerHistory'>> {
  const { api } = useHost();
  return useQuery({
    queryKey: [QUERY.history, name, 'hour'],
    queryFn: () => api.readServerHistory({ name, last: HOUR_SECONDS, points: HOUR_POINTS }),
    refetchInterval: REFRESH_HISTORY_MS,
    placeholderData: keepPreviousData,
  });
}

/** States and latency of the last 24 hours. */
export function useDay(name: string): UseQueryResult<OperatorOutput<'readServerHistory'>> {
  const { api } = useHost();
  return useQuery({
    queryKey: [QUERY.history, name, 'day'],
    queryFn: () => api.readServerHistory({ name, points: DAY_POINTS }),
    refetchInterval: REFRESH_HISTORY_MS,
    placeholderData: keepPreviousData,
  });
}

/** The verdict with what it rests on. */
export function useWhy(name: string): UseQueryResult<OperatorOutput<'explainServer'>> {
  const { api } = useHost();
  return useQuery({
    queryKey: [QUERY.history, name, 'why'],
    queryFn: () => api.explainServer({ name }),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}
