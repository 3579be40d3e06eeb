import { useHost, useSession } from '#console/api/host-context.tsx';
import { useHash } from '#console/ui/use-hash.ts';
import { pagesOf, placeOf, startPage, type PageName, type Place } from './pages.ts';

/** Where the console is; follows the address, so that Back works and a page can be sent to a colleague. */
export function usePlace(): Place {
  const { roles } = useSession();
  const pages = usePages();
  const place = placeOf(useHash());
  if (place !== null && pages.includes(place.page)) return place;
  return { page: startPage(roles), query: new URLSearchParams() };
}

/** The pages that there are in this program. */
export function usePages(): readonly PageName[] {
  return pagesOf(useHost().capabilities.desktop !== null);
}
