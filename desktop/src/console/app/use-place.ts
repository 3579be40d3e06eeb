import { useSyncExternalStore } from 'react';
import { placeOf, type PageName, type Place } from './pages.ts';

const START: PageName = 'upload';

/** Where the console is; follows the address, so that Back works and a page can be sent to a colleague. */
export function usePlace(): Place {
  const hash = useSyncExternalStore(follow, () => location.hash);
  return placeOf(hash) ?? { page: START, query: new URLSearchParams() };
}

function follow(onChange: () => void): () => void {
  addEventListener('hashchange', onChange);
  return () => removeEventListener('hashchange', onChange);
}
