import { useSyncExternalStore } from 'react';

/** The part of the address behind `#`, with it; follows Back and every link. */
export function useHash(): string {
  return useSyncExternalStore(follow, () => location.hash);
}

function follow(onChange: () => void): () => void {
  addEventListener('hashchange', onChange);
  return () => removeEventListener('hashchange', onChange);
}
