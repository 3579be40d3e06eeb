import { useSession } from '#console/api/host-context.tsx';
import { useHash } from '#console/ui/use-hash.ts';
import { placeOf, startPage, type Place } from './pages.ts';

/** Where the console is; follows the address, so that Back works and a page can be sent to a colleague. */
export function usePlace(): Place {
  const { roles } = useSession();
  return placeOf(useHash()) ?? { page: startPage(roles), query: new URLSearchParams() };
}
