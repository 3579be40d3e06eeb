import { useHash } from '#console/ui/use-hash.ts';
import { placeOf, type PageName, type Place } from './pages.ts';

const START: PageName = 'upload';

/** Where the console is; follows the address, so that Back works and a page can be sent to a colleague. */
export function usePlace(): Place {
  return placeOf(useHash()) ?? { page: START, query: new URLSearchParams() };
}
