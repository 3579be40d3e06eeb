import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import { useHost } from './host-context.tsx';

/** Asked for again this often also when no event comes. */
export const REFRESH_MS = 5000;

/** First parts of the keys under which answers are kept; some of them are made old by events (staleness.ts). */
export const QUERY = {
  session: 'session',
  servers: 'servers',
  summary: 'summary',
  /** One image with its servers. */
  images: 'images',
  /** Pages of many images: kept apart, because a long list is not asked for again with every image that comes. */
  imageList: 'image-list',
  clock: 'clock',
  proof: 'proof',
  history: 'history',
  failureLog: 'failure-log',
  verify: 'verify',
  /** Of the desktop app. */
  settings: 'settings',
} as const;

/** All servers of the fleet, as the agent that answers sees them together with the others. */
export function useServers(isAllowed = true): UseQueryResult<OperatorOutput<'listServers'>> {
  const { api } = useHost();
  return useQuery({
    queryKey: [QUERY.servers],
    queryFn: () => api.listServers({ scope: 'fleet' }),
    refetchInterval: REFRESH_MS,
    enabled: isAllowed,
    placeholderData: keepPreviousData,
  });
}

/** Open deliveries of the whole fleet, grouped by server and cause. */
export function useSummary(isAllowed: boolean): UseQueryResult<OperatorOutput<'summarizeDeliveries'>> {
  const { api } = useHost();
  return useQuery({
    queryKey: [QUERY.summary],
    queryFn: () => api.summarizeDeliveries({ scope: 'fleet' }),
    refetchInterval: REFRESH_MS,
    enabled: isAllowed,
    placeholderData: keepPreviousData,
  });
}
