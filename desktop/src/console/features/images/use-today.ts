import { useQuery } from '@tanstack/react-query';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { QUERY } from '#console/api/queries.ts';
import { dayOf } from './calendar.ts';

/** So late may the page notice that a new day has begun. */
const REFRESH_MS = 60_000;

/** The server's day (yyyy-MM-dd), by which it files images. A key that may not ask for its clock gets the browser's. */
export function useToday(): string | undefined {
  const { api } = useHost();
  const { roles } = useSession();
  const mayAsk = roles.includes('upload');
  const { data, isPending } = useQuery({
    queryKey: [QUERY.clock],
    queryFn: async () => {
      if (!mayAsk) return dayOf(Date.now(), undefined);
      const { clock } = await api.lookupImages({ sha256: [] });
      return clock === undefined ? dayOf(Date.now(), undefined) : dayOf(clock.at, clock.timeZone);
    },
    refetchInterval: REFRESH_MS,
    staleTime: REFRESH_MS,
  });
  // A server that does not answer fails the list as well, which says so.
  return isPending ? undefined : (data ?? dayOf(Date.now(), undefined));
}
