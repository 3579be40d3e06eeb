import { useQuery } from '@tanstack/react-query';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
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
  const { data } = useQuery({
    queryKey: [QUERY.clock],
    queryFn: async () => {
      if (!mayAsk) return dayOf(Date.now(), undefined);
      try {
        const { clock } = await api.lookupImages({ sha256: [] });
        if (clock !== undefined) return dayOf(clock.at, clock.timeZone);
      } catch (error) {
        // A server that does not answer fails the list as well, which says so.
        if (!(error instanceof FleetError)) throw error;
      }
      return dayOf(Date.now(), undefined);
    },
    refetchInterval: REFRESH_MS,
    staleTime: REFRESH_MS,
  });
  return data;
}
